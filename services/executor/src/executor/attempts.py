"""What an executor does to attempts in the store: claim, keep, end. Each is one conditional update."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.clock import Clock
from shared.collections import ATTEMPTS
from shared.contracts.attempt import Attempt, AttemptState, Outcome
from shared.contracts.values import instant_text
from shared.store.port import Changes, DocumentStore, OneOf, Where


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
        unheld = Changes(set={"state": "queued"}, unset=("executor", "lease_until", "started_at"))
        return await self._store.change(ATTEMPTS, where, unheld)

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
        self, attempt: Attempt, state: AttemptState, outcome: Outcome, command_started_at: datetime | None
    ) -> bool:
        """Store how an attempt ended; whether it was still this executor's to say."""
        ended = {
            "state": state,
            "outcome": outcome.model_dump(mode="json"),
            "command_started_at": command_started_at and instant_text(command_started_at),
        }
        where: Where = {**self._held, "id": attempt.id, "fence": attempt.fence}
        return await self._store.change(ATTEMPTS, where, Changes(set=ended))

    @property
    def _held(self) -> Where:
        return {"executor": self._holder.instance, "state": "running"}

    def _lease_from(self, now: datetime) -> str:
        return instant_text(now + self._holder.lease)
