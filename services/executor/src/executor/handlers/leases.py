"""The attempts that an executor holds: claimed, kept by signs of life, ended; each is one conditional update.

Nothing is begun beside what is left of an earlier attempt, and nothing is lost a third time.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import structlog
from prometheus_client import Gauge

from executor.domain import outcomes
from executor.domain.command import Ended, Shells
from executor.domain.sudo import Sudo
from executor.handlers.persistence import retry_until_available
from executor.ports import CancelSignal, Host
from shared.clock import Clock, seconds_passed
from shared.collections import ATTEMPTS
from shared.contracts.attempt import Attempt, AttemptState, Outcome
from shared.contracts.step_settings import Capture
from shared.contracts.values import instant_text
from shared.store.port import Changes, DocumentStore, OneOf, Where

ATTEMPTS_HELD = Gauge("opsimate_attempts_held", "Attempts under way in this process")

log = structlog.get_logger()

MARGIN = 0.1
"""Of the lease: nothing is begun in its last tenth, since what is asked for takes a while to reach the provider."""


@dataclass(frozen=True)
class Holder:
    """Who holds attempts, and for how long without a sign of life."""

    instance: str
    lease: timedelta


class Attempts:
    """The attempts of one executor."""

    def __init__(self, store: DocumentStore, holder: Holder, clock: Clock) -> None:
        self._store = store
        self._holder = holder
        self._clock = clock

    async def claim(self, attempt_id: str) -> Attempt | None:
        """Take an attempt that nobody has taken; none where somebody has, or where it was cancelled before."""
        now = self._clock()
        mine = {
            "state": "running",
            "executor": self._holder.instance,
            "started_at": instant_text(now),
            "lease_until": self._lease_from(now),
        }
        where: Where = {"id": attempt_id, "state": "queued"}
        claimed = await self._store.claim(ATTEMPTS, where, Changes(set=mine, increment={"fence": 1}))
        return None if claimed is None else Attempt.model_validate(claimed)

    async def claimed_unheard(self, attempt_id: str) -> Attempt | None:
        """The attempt, if the store says that this executor holds it: its claim was stored and the answer lost.

        Only for attempts that the executor neither holds nor is about to, else it would begin them twice.
        """
        found = await self._store.find(ATTEMPTS, {**self._held, "id": attempt_id}, limit=1)
        return Attempt.model_validate(found[0]) if found else None

    @property
    def lease_seconds(self) -> float:
        """How long an attempt is held without a sign of life."""
        return self._holder.lease.total_seconds()

    def left_of_lease(self, attempt: Attempt) -> float:
        """Seconds for which an attempt that was just claimed is held."""
        return 0.0 if attempt.lease_until is None else (attempt.lease_until - self._clock()).total_seconds()

    async def hand_back(self, attempt: Attempt) -> bool:
        """Let another executor claim an attempt of which nothing was run; whether it was this executor's to say."""
        where: Where = {**self._held, "id": attempt.id, "fence": attempt.fence}
        unheld = Changes(set={"state": "queued"}, unset=("executor", "lease_until", "started_at", "boot"))
        is_changed = await self._store.change(ATTEMPTS, where, unheld)
        return is_changed or await self._is_stored(attempt, {"state": "queued", "fence": attempt.fence})

    async def read(self, attempt_ids: Collection[str]) -> list[Attempt]:
        """These attempts as they are stored, in the order in which they were made."""
        found = await self._store.find(ATTEMPTS, {"id": OneOf(tuple(attempt_ids))}, limit=len(attempt_ids))
        return sorted((Attempt.model_validate(document) for document in found), key=lambda attempt: attempt.number)

    async def keep(self, attempt_ids: Collection[str]) -> None:
        """Give a sign of life for all of these at once."""
        where = {**self._held, "id": OneOf(tuple(attempt_ids))}
        await self._store.change_all(ATTEMPTS, where, Changes(set={"lease_until": self._lease_from(self._clock())}))

    async def held(self) -> Mapping[str, bool]:
        """The attempts that the store says this executor holds, and whether each is to be ended."""
        found = await self._store.find(ATTEMPTS, self._held, limit=100_000)
        return {document["id"]: document["cancel"] for document in found}

    async def end(
        self,
        attempt: Attempt,
        state: AttemptState,
        outcome: Outcome,
        command_started_at: datetime | None,
        captured: Mapping[Capture, str] | None = None,
    ) -> bool:
        """Store how an attempt ended, with what was captured; whether it was still this executor's to say."""
        ended = {
            "state": state,
            "outcome": outcome.model_dump(mode="json"),
            "command_started_at": command_started_at and instant_text(command_started_at),
            **({"captured": dict(captured)} if captured else {}),
        }
        where: Where = {**self._held, "id": attempt.id, "fence": attempt.fence}
        not_begun = ("boot",) if attempt.back_within is not None and command_started_at is None else ()
        is_changed = await self._store.change(ATTEMPTS, where, Changes(set=ended, unset=not_begun))
        return is_changed or await self._is_stored(attempt, {**ended, "fence": attempt.fence})

    async def begin_on(self, attempt: Attempt, boot: str) -> bool:
        """Store which start of its machine the command is about to begin on; whether it may begin still."""
        where: Where = {**self._held, "id": attempt.id, "fence": attempt.fence}
        is_changed = await self._store.change(ATTEMPTS, where, Changes(set={"boot": boot}))
        return is_changed or await self._is_stored(attempt, {"boot": boot, "fence": attempt.fence, "state": "running"})

    async def _is_stored(self, attempt: Attempt, values: Mapping[str, object]) -> bool:
        """Whether the attempt has these values, as the try before this one stored them and its answer was lost."""
        found = await self._store.get(ATTEMPTS, attempt.id)
        return found is not None and values.items() <= found.items()

    @property
    def _held(self) -> Where:
        return {"executor": self._holder.instance, "state": "running"}

    def _lease_from(self, now: datetime) -> str:
        return instant_text(now + self._holder.lease)


@dataclass
class Lease:
    """What an executor knows of an attempt that it holds: until when, and whether its command is to be ended."""

    attempt: Attempt
    kept_until: float
    """When the lease runs out unless a sign of life gets through, in ``seconds_passed``."""
    end: CancelSignal = field(default_factory=CancelSignal)
    """Set when the command is to be ended."""
    why: Literal["cancelled", "given_up", "stopping"] | None = None
    """Why the command is to be ended; the first reason counts."""
    is_over: bool = False
    """That the command has ended, or never began: only the outcome remains to be stored and told."""
    task: asyncio.Task[None] | None = None

    def ask_to_end(self, why: Literal["cancelled", "given_up", "stopping"]) -> None:
        """Have the command ended."""
        self.why = self.why or why
        self.end.set()


class Leases:
    """All that an executor holds now."""

    def __init__(self, attempts: Attempts, clock: Callable[[], float] = seconds_passed) -> None:
        self._attempts = attempts
        self._clock = clock
        self._by_attempt: dict[str, Lease] = {}

    def __len__(self) -> int:
        return len(self._by_attempt)

    def __contains__(self, attempt_id: str) -> bool:
        return attempt_id in self._by_attempt

    def take(self, attempt: Attempt) -> Lease:
        """Hold an attempt that was just claimed."""
        lease = Lease(attempt, self._clock() + self._attempts.left_of_lease(attempt))
        self._by_attempt[attempt.id] = lease
        return lease

    def drop(self, lease: Lease) -> None:
        """Hold it no longer: its outcome is stored, or it is somebody else's to carry out."""
        if self._by_attempt.get(lease.attempt.id) is lease:
            del self._by_attempt[lease.attempt.id]

    def may_begin(self, lease: Lease) -> bool:
        """Whether its command may be begun now. Where not, it is given up.

        An attempt whose lease may have run out may be called lost, and be carried out by another executor. So this
        is asked at the last moment, however long that took to come: the store or the provider may have been away,
        or this process asleep.
        """
        if self._clock() < lease.kept_until - MARGIN * self._attempts.lease_seconds:
            return True
        self._give_up(lease)
        return False

    def end(self, attempt_id: str) -> None:
        """Have its command ended, if it is held here."""
        if lease := self._by_attempt.get(attempt_id):
            lease.ask_to_end("cancelled")

    def all(self) -> list[Lease]:
        """Everything that is held."""
        return list(self._by_attempt.values())

    async def heartbeat(self) -> None:
        """Give a sign of life for everything, and hear what was given up or is to be ended.

        Cancels arrive by message, too; here they arrive even if every message is lost.
        """
        before = set(self._by_attempt)
        if not before:
            return
        asked_at = self._clock()
        await self._attempts.keep(before)
        known = await self._attempts.held()
        for attempt_id in before & known.keys() & self._by_attempt.keys():
            self._by_attempt[attempt_id].kept_until = asked_at + self._attempts.lease_seconds
        # Where the command is over, this executor may itself have stored the outcome that the store now has.
        for attempt_id in before & self._under_way():
            if attempt_id not in known:
                self._give_up(self._by_attempt[attempt_id])
            elif known[attempt_id]:
                self.end(attempt_id)

    def _under_way(self) -> set[str]:
        return {attempt_id for attempt_id, lease in self._by_attempt.items() if not lease.is_over}

    def _give_up(self, lease: Lease) -> None:
        if not lease.end.is_set():
            # Its lease ran out while this executor was cut off; a second execution may already be asked for.
            log.warning("attempt.given_up", run_id=lease.attempt.run_id, step=lease.attempt.step)
        lease.ask_to_end("given_up")


async def earlier_attempts(attempts: Attempts, attempt: Attempt) -> list[Attempt]:
    """The earlier attempts of the step whose command may have begun, in their order."""
    ids = attempt.earlier_attempts or attempt.lost_attempts
    return await retry_until_available(lambda: attempts.read(ids), "earlier attempts") if ids else []


async def what_keeps_from_beginning(
    host: Host, attempt: Attempt, earlier: Sequence[Attempt], now: datetime, sudo: Sudo | None
) -> Ended | None:
    """What keeps an attempt from being begun after these, if anything does.

    Nothing is run beside what is known, or not known not, to run. Where nobody knows how an attempt ended, the next
    one is there only because the step says ``on_lost: rerun``: it first ends what is left. After any other, it only
    looks.
    """
    ids, shells = [each.id for each in earlier], _shells(earlier, now)
    last, provider = earlier[-1].outcome, attempt.provider
    uncertain = [each for each in earlier if _is_uncertain(each)]
    look = host.end_leftovers if attempt.lost_attempts else host.find_leftovers
    findings = await look(ids, shells, sudo)
    if findings.left and last and not attempt.lost_attempts:
        return outcomes.not_beside(provider, last, findings)
    if findings.left or (uncertain and not findings.readable):
        return outcomes.not_again(provider, findings)
    since = max(((now - each.started_at).total_seconds() for each in uncertain if each.started_at), default=0.0)
    return outcomes.not_after_a_restart(provider) if findings.show_a_restart_within(since) else None


def with_regard_to(earlier: Sequence[Attempt], how: Ended) -> Ended:
    """How an attempt ended, and whether that calls for no other after these.

    A command that takes its connection away is run twice at most, as nobody can tell it from a bad line before.
    """
    before = earlier[-1] if earlier else None
    if before is None or before.outcome is None or not _lost_its_connection(before.state, before.outcome):
        return how
    return outcomes.lost_again(how) if _lost_its_connection(how.state, how) else how


def _lost_its_connection(state: AttemptState, how: Outcome | Ended) -> bool:
    """An executor that stops has ended the command itself, and one that dies has told no shell."""
    return state == "unknown" and how.shell_pid is not None and how.ending is None


def _is_uncertain(attempt: Attempt) -> bool:
    """Whether more of it than its shell may be there, or its machine may have been restarted under it."""
    outcome = attempt.outcome
    is_open = attempt.state == "unknown" or outcome is None or outcome.ending == "unconfirmed"
    return is_open or (outcome is not None and outcome.reason == "signal")


def _shells(attempts: Sequence[Attempt], now: datetime) -> Shells:
    return {
        attempt.outcome.shell_pid: (now - attempt.command_started_at).total_seconds()
        for attempt in attempts
        if attempt.outcome and attempt.outcome.shell_pid and attempt.command_started_at
    }
