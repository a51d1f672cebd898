"""What a run waits for: gates in a fixed order, each of them pure. The first that is not open says why a run waits, why
it ends here, or what has to be known first.

A gate that latches stays open once it was: another scheduler's clock, or a second thought, does not close it again. The
others are asked again before everything that begins.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from scheduler.domain.conditions import NO_ANSWERS, Answers, Question, undecided, unmet
from scheduler.domain.states import RunEvent
from shared.contracts.action import ActionDefinition
from shared.contracts.approval import PendingApproval
from shared.contracts.attempt import Reason
from shared.contracts.run import GateName, Run, RunState, WaitingFor
from shared.contracts.values import duration_text, instant_text
from shared.runs.approvals import needed_text

Verdict = tuple[RunEvent, Reason | None, str | None]
"""What a run comes to, why, and the reason in a sentence."""


@dataclass(frozen=True)
class Arrival:
    """A run at its gates."""

    run: Run
    action: ActionDefinition
    now: datetime
    answers: Answers = NO_ANSWERS


GateAnswer = WaitingFor | Verdict | Question | None
"""What is waited for, how the run ends here, or what has to be asked first; None where the gate is open."""


@dataclass(frozen=True)
class Gate:
    """One thing that a run may wait for."""

    name: GateName
    state: RunState
    """The state of a run that waits here."""
    latches: bool
    is_there: Callable[[Run, ActionDefinition], bool]
    """Whether such a run has the gate at all."""
    answer: Callable[[Arrival], GateAnswer]


def approval_waited_for(pending: PendingApproval) -> WaitingFor:
    """That people have to decide first."""
    return WaitingFor(gate="approval", why=needed_text(pending, len(pending.given)), until=pending.expires_at)


def _approval(at: Arrival) -> GateAnswer:
    pending = at.run.approval
    return None if pending is None else approval_waited_for(pending)


def _not_before(at: Arrival) -> GateAnswer:
    until = at.run.not_before
    if until is None or until <= at.now:
        return None
    return WaitingFor(gate="not_before", why=f"it is not to start before {instant_text(until)}", until=until)


def _window(at: Arrival) -> GateAnswer:
    answer = at.answers.window
    if answer is None:
        return "window"
    return None if answer == "open" else answer


def _is_held_by_windows(run: Run, _action: ActionDefinition) -> bool:
    """What somebody asks for by hand is not held, nor a run that is under way."""
    return run.trigger.kind in {"schedule", "alert"} and run.state != "running"


def _condition(at: Arrival) -> GateAnswer:
    answer = at.answers.conditions.get("condition")
    if answer is None:
        return "condition"
    if answer.error:
        return "fail", "condition", undecided(answer.error)
    return None if answer.holds else ("skip", "condition", unmet(at.action.condition or ""))


def _slot(at: Arrival) -> GateAnswer:
    slot, waiting, concurrency = at.answers.slot, at.run.waiting_for, at.action.concurrency
    if slot is None or concurrency is None:
        return "slot"
    if slot.refused:
        return "reject" if slot.is_full else "skip", "concurrency", slot.refused
    if not slot.waits_behind:
        return None
    if concurrency.when_full != "queue":
        return WaitingFor(gate="slot", why=slot.waits_behind)
    until = waiting.until if waiting is not None and waiting.gate == "slot" else None
    if until is not None and until <= at.now:
        after = f"it found no room within the {duration_text(concurrency.queue_ttl)} that queue_ttl allows"
        return "expire", "concurrency", f"{after}: {slot.waits_behind}"
    until = until or at.now + timedelta(seconds=concurrency.queue_ttl)
    return WaitingFor(gate="slot", why=slot.waits_behind, until=until)


def _has_slot(run: Run, action: ActionDefinition) -> bool:
    """A run that is under way keeps the slot that it has."""
    return action.concurrency is not None and run.state != "running"


def _pause(at: Arrival) -> GateAnswer:
    if at.run.paused is None:
        return None
    comment = f": {at.run.paused.comment}" if at.run.paused.comment else ""
    return WaitingFor(gate="pause", why=f"paused by {at.run.paused.by}{comment}")


def _has_approval(run: Run, _action: ActionDefinition) -> bool:
    """Of a run that is under way a step may wait for people, which is that step's affair."""
    return run.state == "awaiting_approval"


GATES = (
    Gate("approval", "awaiting_approval", latches=True, is_there=_has_approval, answer=_approval),
    Gate("not_before", "delayed", latches=True, is_there=lambda run, _: run.not_before is not None, answer=_not_before),
    Gate("window", "delayed", latches=False, is_there=_is_held_by_windows, answer=_window),
    Gate(
        "condition", "queued", latches=True, is_there=lambda _, action: action.condition is not None, answer=_condition
    ),
    Gate("slot", "queued", latches=False, is_there=_has_slot, answer=_slot),
    Gate("pause", "running", latches=False, is_there=lambda _, __: True, answer=_pause),
)


def pool_without_executor(pool: str) -> WaitingFor:
    """What a run waits for whose attempt nobody takes. It holds nothing back: whoever comes takes the attempt."""
    why = f"waiting for an executor of pool '{pool}': start one with OPSIMATE_POOLS={pool}"
    return WaitingFor(gate="pool", why=why)


class Passage(NamedTuple):
    """How far a run gets through the gates."""

    opened: list[GateName]
    """The gates that latch, of those that are open."""
    closed: Gate | None = None
    waiting_for: WaitingFor | None = None
    verdict: Verdict | None = None
    asks: Question | None = None


def passage(at: Arrival, gates: Sequence[Gate] = GATES) -> Passage:
    """The first gate that is not open, if there is one."""
    opened = list(at.run.opened_gates)
    for gate in gates:
        if gate.name in opened or not gate.is_there(at.run, at.action):
            continue
        answer = gate.answer(at)
        if isinstance(answer, WaitingFor):
            return Passage(opened, gate, answer)
        if isinstance(answer, tuple):
            return Passage(opened, gate, verdict=answer)
        if answer is not None:
            return Passage(opened, gate, asks=answer)
        if gate.latches:
            opened.append(gate.name)
    return Passage(opened)
