"""The attempts that an executor holds, and the sign of life it gives for them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import structlog

from executor.attempts import Attempts
from shared.clock import seconds_passed
from shared.contracts.attempt import Attempt

log = structlog.get_logger()

MARGIN = 0.1
"""Of the lease: nothing is begun in its last tenth, since what is asked for takes a while to reach the provider."""


@dataclass
class Held:
    """An attempt under way."""

    attempt: Attempt
    kept_until: float
    """When the lease runs out unless a sign of life gets through, in ``seconds_passed``."""
    end: asyncio.Event = field(default_factory=asyncio.Event)
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


class HeldAttempts:
    """All that an executor holds now."""

    def __init__(self, attempts: Attempts, clock: Callable[[], float] = seconds_passed) -> None:
        self._attempts = attempts
        self._clock = clock
        self._held: dict[str, Held] = {}

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, attempt_id: str) -> bool:
        return attempt_id in self._held

    def take(self, attempt: Attempt) -> Held:
        """Hold an attempt that was just claimed."""
        held = Held(attempt, self._clock() + self._attempts.left_of_lease(attempt))
        self._held[attempt.id] = held
        return held

    def drop(self, held: Held) -> None:
        """Hold it no longer: its outcome is stored, or it is somebody else's to carry out."""
        if self._held.get(held.attempt.id) is held:
            del self._held[held.attempt.id]

    def may_begin(self, held: Held) -> bool:
        """Whether its command may be begun now. Where not, it is given up.

        An attempt whose lease may have run out may be called lost, and be carried out by another executor. So this
        is asked at the last moment, however long that took to come: the store or the provider may have been away,
        or this process asleep.
        """
        if self._clock() < held.kept_until - MARGIN * self._attempts.lease_seconds:
            return True
        self._give_up(held)
        return False

    def end(self, attempt_id: str) -> None:
        """Have its command ended, if it is held here."""
        if held := self._held.get(attempt_id):
            held.ask_to_end("cancelled")

    def all(self) -> list[Held]:
        """Everything that is held."""
        return list(self._held.values())

    async def heartbeat(self) -> None:
        """Give a sign of life for everything, and hear what was given up or is to be ended.

        Cancels arrive by message, too; here they arrive even if every message is lost.
        """
        before = set(self._held)
        if not before:
            return
        asked_at = self._clock()
        await self._attempts.keep(before)
        known = await self._attempts.held()
        for attempt_id in before & known.keys() & self._held.keys():
            self._held[attempt_id].kept_until = asked_at + self._attempts.lease_seconds
        # Where the command is over, this executor may itself have stored the outcome that the store now has.
        for attempt_id in before & self._under_way():
            if attempt_id not in known:
                self._give_up(self._held[attempt_id])
            elif known[attempt_id]:
                self.end(attempt_id)

    def _under_way(self) -> set[str]:
        return {attempt_id for attempt_id, held in self._held.items() if not held.is_over}

    def _give_up(self, held: Held) -> None:
        if not held.end.is_set():
            # Its lease ran out while this executor was cut off; a second execution may already be asked for.
            log.warning("attempt.given_up", run_id=held.attempt.run_id, step=held.attempt.step)
        held.ask_to_end("given_up")
