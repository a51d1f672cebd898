"""One step of a run on one provider: dispatched, followed, tried again, ended. Pure.

A step has one invocation or many. ``InvocationTable`` reads them from the step's progress, whatever the form in which
they stand there, and writes them back; what happens to one of them is the same in both forms.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.domain.rollout import Counts
from shared.contracts.action import MOST_RETRIES, Retries, Step
from shared.contracts.attempt import AttemptKey, AttemptState, Outcome, Reason, attempt_id, attempt_key
from shared.contracts.run import Run
from shared.contracts.step import INVOCATION_STATES, PlannedRollout, StepProgress, StepState

JITTER = 0.1
"""A pause is up to this much shorter or longer, so that what failed together does not come back together."""
POINTLESS = frozenset({"host_key_changed", "not_allowed", "stale"})
"""Reasons that another attempt would meet again, until a person has done something."""

_STATE_OF = {letter: state for state, letter in INVOCATION_STATES.items()}
_CODES = {state: ord(letter) for state, letter in INVOCATION_STATES.items()}
_DIGITS, _NUMBERS = b"0123456789abcdefghijklmnopqrstuvwxyz", bytes(range(36))
_TO_DIGITS, _TO_NUMBERS = bytes.maketrans(_NUMBERS, _DIGITS), bytes.maketrans(_DIGITS, _NUMBERS)
_NOT_BESIDE = (
    "It is not tried again, as that would run beside what may be left of it; "
    "with on_lost: rerun the next attempt first ends what is left."
)

_ON_ONE_PROVIDER = PlannedRollout()


@dataclass(frozen=True)
class Tick:
    """What cannot be known from the run alone."""

    now: datetime
    jitter: float
    """A random number from 0 to 1."""


@dataclass(frozen=True)
class Finished:
    """How an attempt ended."""

    attempt_id: str
    state: AttemptState
    outcome: Outcome


@dataclass
class Invocation:
    """One step of a run on one provider, as far as it has come."""

    index: int
    state: StepState
    attempts: int
    due_at: datetime | None
    reason: Reason | None = None
    """Why it ended as it did, where it ends now."""

    def dispatch(self) -> None:
        """Have the next attempt made."""
        self.state = "queued"
        self.due_at = None
        self.attempts += 1

    def take_end(self, step: Step, finished: Finished, tick: Tick, *, may_retry: bool) -> None:
        """Its attempt ended: wait for the next one, or end."""
        state, outcome = finished.state, finished.outcome
        if may_retry and is_retried(step, state, outcome, self.attempts):
            self.due_at = tick.now + pause_before(step.retries, self.attempts, tick.jitter)
        else:
            self.state = "failed" if state == "unknown" and step.on_lost == "fail" else state
            self.reason = outcome.reason


class InvocationTable:
    """The invocations of one step."""

    def __init__(self, run_id: str, step_index: int, progress: StepProgress) -> None:
        self.step_index = step_index
        self.progress = progress
        self.is_wide = progress.invocations is not None
        self._run_id = run_id
        if progress.invocations is None:
            self._states = bytearray((_CODES[progress.state],))
            self._numbers = bytearray((progress.attempts,))
            self._due = {} if progress.due_at is None else {0: progress.due_at}
        else:
            wide = progress.invocations
            self._states = bytearray(wide.states or INVOCATION_STATES["pending"] * wide.width, "ascii")
            self._numbers = bytearray(wide.numbers.encode().translate(_TO_NUMBERS) or bytes(wide.width))
            self._due = {int(index): instant for index, instant in wide.due.items()}

    def __len__(self) -> int:
        return len(self._states)

    def __getitem__(self, index: int) -> Invocation:
        state = _STATE_OF[chr(self._states[index])]
        return Invocation(index, state, self._numbers[index], self._due.get(index))

    def put(self, invocation: Invocation) -> None:
        """Keep what became of one."""
        index = invocation.index
        self._states[index] = _CODES[invocation.state]
        self._numbers[index] = invocation.attempts
        if invocation.due_at is None:
            self._due.pop(index, None)
        else:
            self._due[index] = invocation.due_at

    def count(self, state: StepState) -> int:
        """How many are in this state."""
        return self._states.count(_CODES[state])

    def tally(self) -> dict[str, int]:
        """How many are in which state."""
        return {state: count for state in _CODES if (count := self.count(state))}

    def pending(self) -> range:
        """Those that have not begun: they begin in order."""
        return range(self.begun(), len(self)) if self.count("pending") else range(0)

    def begun(self) -> int:
        """How many have begun."""
        first = self._states.find(_CODES["pending"])
        return len(self) if first < 0 else first

    def waiting(self) -> dict[int, datetime]:
        """When the next attempt is due, of those that wait for one."""
        return dict(self._due)

    def attempts_under_way(self) -> list[str]:
        """The attempts whose end is waited for."""
        code = _CODES["queued"]
        if not self._states.count(code):
            return []
        under_way = (index for index, state in enumerate(self._states) if state == code and index not in self._due)
        return [attempt_id(self._run_id, self.step_index, index, self._numbers[index]) for index in under_way]

    def is_waited_for(self, key: AttemptKey) -> bool:
        """Whether this attempt is one of those under way."""
        index = key.invocation
        return (
            key.step_index == self.step_index
            and index < len(self)
            and self._states[index] == _CODES["queued"]
            and self._numbers[index] == key.number
            and index not in self._due
        )

    def has_ended(self) -> bool:
        """Whether every one has."""
        return not self.count("pending") and not self.count("queued")

    def store(self) -> None:
        """Write them back to the step's progress."""
        progress, wide = self.progress, self.progress.invocations
        if wide is None:
            progress.state = _STATE_OF[chr(self._states[0])]
            progress.attempts = self._numbers[0]
            progress.due_at = self._due.get(0)
            return
        wide.states = self._states.decode()
        wide.numbers = self._numbers.translate(_TO_DIGITS).decode()
        wide.due = {str(index): instant for index, instant in self._due.items()}
        wide.counts = self.tally()


def attempts_under_way(run: Run) -> list[str]:
    """The attempts whose ends the run waits for."""
    return [attempt for table in _under_way(run) for attempt in table.attempts_under_way()]


def waits_for_all(run: Run, attempts: Iterable[str]) -> bool:
    """Whether these are among the attempts whose ends the run waits for."""
    keys = [attempt_key(attempt) for attempt in attempts]
    tables = list(_under_way(run)) if keys else []
    return all(any(table.is_waited_for(key) for table in tables) for key in keys)


def _under_way(run: Run) -> Iterator[InvocationTable]:
    """The step under way, and beside it the check of its rollout."""
    for index, step in enumerate(run.steps):
        if step.state in {"queued", "running"}:
            yield InvocationTable(run.id, index, step)


def is_retried(step: Step, state: AttemptState, outcome: Outcome, attempts: int) -> bool:
    """Whether an attempt that ended so is followed by another, after so many attempts."""
    if state == "unknown" and step.expect_disconnect is not None:
        # The next attempt runs nothing that may have been run: it waits for the machine where this one left off.
        is_wanted = attempts <= MOST_RETRIES
    elif state == "unknown":
        # Where it could not be made sure that a lost command is gone, the next attempt would find it there, too.
        is_wanted = step.on_lost == "rerun" and outcome.ending != "unconfirmed" and attempts <= MOST_RETRIES
    else:
        is_wanted = state == "failed" and attempts <= step.retries.count and not _may_run_beside(step, outcome)
    return is_wanted and not outcome.is_lasting and outcome.reason not in POINTLESS


def text_of(step: Step, finished: Finished, attempts: int) -> str | None:
    """Why an attempt ended as it did, and where what may be left of it keeps it from being tried again, that."""
    outcome = finished.outcome
    if finished.state == "failed" and attempts <= step.retries.count and _may_run_beside(step, outcome):
        return f"{outcome.reason_text} {_NOT_BESIDE}"
    return outcome.reason_text


def _may_run_beside(step: Step, outcome: Outcome) -> bool:
    """Whether another attempt might run beside what is left; with ``rerun`` it begins once nothing is."""
    return outcome.ending == "unconfirmed" and step.on_lost != "rerun"


def pause_before(retries: Retries, attempts: int, jitter: float) -> timedelta:
    """How long to wait after so many attempts; ``jitter`` from 0 to 1 places the pause within its bounds."""
    factor = 2 ** (attempts - 1) if retries.backoff == "exponential" else 1
    seconds = min(retries.delay * factor, retries.maximum_delay)
    return timedelta(seconds=seconds * (1 + JITTER * (2 * jitter - 1)))


def rollout_of(progress: StepProgress) -> PlannedRollout:
    """As the step was planned; on one provider there is nothing to plan."""
    return _ON_ONE_PROVIDER if progress.invocations is None else progress.invocations.rollout


def counts_of(table: InvocationTable) -> Counts:
    """How far they have come."""
    return Counts(
        width=len(table),
        begun=table.begun(),
        under_way=table.count("queued"),
        failed=table.count("failed") + table.count("unknown"),
    )
