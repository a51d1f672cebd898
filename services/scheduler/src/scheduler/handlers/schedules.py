"""Schedules: at each fire time a run is asked for, once, however many schedulers there are.

What a schedule is to do is stored before it is done, under compare-and-set, and each run is asked for by its fire time,
so that whoever finds something undone may do it. A fire time belongs to the version of the definition that was the
newest at that instant: versions are gone through in order, so that neither a change nor a deletion that is noticed late
lets one fire that should not, or loses one. What an action owns fires by its versions in the same way.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from scheduler.domain.schedules import (
    LATE_AFTER,
    after_clock_was_set_back,
    after_fires,
    after_requests,
    begun,
    moved_on,
    request_id,
)
from scheduler.handlers.schedule_versions import (
    ScheduleVersion,
    first_version_of_schedule,
    schedule_heads,
    version_of_schedule,
)
from shared.bus.port import Bus
from shared.clock import Clock
from shared.collections import SCHEDULE_STATES
from shared.contracts.principal import GRANTS, Principal
from shared.contracts.schedule import Fire, PlannedFire, ScheduleDefinition, ScheduleState
from shared.contracts.trigger import Trigger
from shared.encryption import Sealer
from shared.loops import DueKind, attend_to
from shared.metrics import PlainCounter
from shared.runs.composing import RunRefusedError, RunRequest
from shared.runs.request import RequestIdReusedError, request_run
from shared.store.port import Document, DocumentStore, DuplicateKeyError, pages

FOLLOW_EVERY = timedelta(seconds=30)
"""How long a schedule may have changed without anybody noticing, where the message about it was lost."""
PAGE = 200
FIRES = PlainCounter("opsimate_schedule_fires", "Fire times of schedules, by what became of them", ["decision"])

log = structlog.get_logger()


class Schedules:
    """Looks after all schedules."""

    def __init__(self, store: DocumentStore, bus: Bus, sealer: Sealer, clock: Clock) -> None:
        self._store, self._bus, self._sealer, self._clock = store, bus, sealer, clock
        self._followed_at: datetime | None = None
        self._early: set[str] = set()
        """Schedules whose newest version begins, by the clock of the catalog that made it, only in a moment."""

    async def turn(self) -> None:
        """Do what is due, and every now and then look for schedules whose changes nobody has told of.

        ``ExceptionGroup`` of what went wrong, after all the rest: one that cannot fire hides no change of another.
        """
        failures: list[Exception] = []
        for look in (self._attend_due, self._attend_early, self._follow_at_times):
            try:
                await look()
            except ExceptionGroup as group:
                failures += group.exceptions
        if failures:
            raise ExceptionGroup(f"{len(failures)} schedules could not be attended to", failures)

    async def _attend_due(self) -> None:
        due = DueKind("schedules", SCHEDULE_STATES, "due_at", self._attend_page)
        await attend_to(self._store, [due], self._clock())

    async def _attend_early(self) -> None:
        early, self._early = self._early, set()
        await self.attend(sorted(early))

    async def _follow_at_times(self) -> None:
        now = self._clock()
        if self._followed_at is None or not timedelta() <= now - self._followed_at < FOLLOW_EVERY:
            await self.follow()
            self._followed_at = now

    async def follow(self) -> None:
        """Look at every schedule that is not at its newest version, or whose clock was ahead."""
        states: dict[str, Document] = {}
        async for page in pages(self._store, SCHEDULE_STATES, {}, size=PAGE, fields=("uid", "number", "since")):
            states |= {state["id"]: state for state in page}
        ahead = self._clock()
        changed = {name for name, state in states.items() if datetime.fromisoformat(state["since"]) > ahead}
        gone = set(states)
        async for name, head in schedule_heads(self._store, states):
            gone.discard(name)
            state = states.get(name)
            if state is None or (state["uid"], state["number"]) != (head["uid"], head["number"]):
                changed.add(name)
        await self.attend(sorted(changed | gone))

    async def attend(self, names: Iterable[str]) -> None:
        """Do all that these schedules are to do now; ``ExceptionGroup`` of what went wrong, after all the rest."""
        failures: list[Exception] = []
        for name in names:
            try:
                while await self._step(name):
                    pass
            except Exception as error:  # noqa: BLE001 - told after all the rest: one schedule keeps no other waiting
                failures.append(error)
        if failures:
            raise ExceptionGroup(f"{len(failures)} schedules could not be attended to", failures)

    async def _attend_page(self, page: Sequence[Document]) -> None:
        await self.attend([state["id"] for state in page])

    async def _step(self, name: str) -> bool:
        """Do the next thing for a schedule; whether there was any."""
        found = await self._store.get(SCHEDULE_STATES, name)
        if found is None:
            return await self._begin(name)
        state, now = ScheduleState.model_validate(found), self._clock()
        version = await version_of_schedule(self._store, name, state.number)
        schedule = None if version is None else version.schedule
        if state.planned:
            return await self._fire(state, schedule)
        following = await version_of_schedule(self._store, name, state.number + 1)
        until = now if following is None else min(now, following.at)
        if schedule is not None and state.due_at is not None and state.due_at <= until:
            return await self._keep(after_fires(state, schedule, until=until, now=now))
        if following is not None:
            return await self._move_on(state, following, now)
        if version is None or version.is_deleted:
            await self._store.delete(SCHEDULE_STATES, {"id": name, "version": state.version})
            return False
        earlier = after_clock_was_set_back(state, schedule, now)
        return earlier is not None and await self._keep(earlier)

    async def _begin(self, name: str) -> bool:
        """Begin with a schedule that nobody has looked after, at the first version that has it."""
        version = await first_version_of_schedule(self._store, name)
        if version is None or version.schedule is None:
            return False
        state = begun(name, version.uid, version.number, version.schedule, version.at)
        with suppress(DuplicateKeyError):  # another scheduler was faster
            await self._store.insert(SCHEDULE_STATES, state.model_dump(mode="json"))
        return True

    async def _move_on(self, state: ScheduleState, version: ScheduleVersion, now: datetime) -> bool:
        if timedelta() < version.at - now <= LATE_AFTER:
            self._early.add(state.id)  # until then fire times are those of the version before
            return False
        return await self._keep(moved_on(state, version.uid, version.number, version.schedule, version.at))

    async def _keep(self, state: ScheduleState) -> bool:
        """Store the state where it is still as it was read. Where another scheduler was faster, it goes on."""
        await self._replaced(state)
        return True

    async def _replaced(self, state: ScheduleState) -> bool:
        return await self._store.replace(SCHEDULE_STATES, state.model_dump(mode="json"), version=state.version)

    async def _fire(self, state: ScheduleState, schedule: ScheduleDefinition | None) -> bool:
        if schedule is None:
            message = f"version {state.number} of the schedule '{state.id}' is not there any more"
            raise LookupError(message)
        fires = [await self._request(state, schedule, planned) for planned in state.planned]
        if await self._replaced(after_requests(state, fires)):
            for fire in fires:
                FIRES.inc(fire.decision)
                tell = log.warning if fire.decision == "refused" else log.info
                tell("schedule.fired", schedule=state.id, **fire.model_dump(mode="json", exclude_defaults=True))
        return True

    async def _request(self, state: ScheduleState, schedule: ScheduleDefinition, planned: PlannedFire) -> Fire:
        """Ask for the run of a fire time; asked again, it is the same run."""
        trigger = Trigger(kind="schedule", by=state.id, fire_time=planned.fire_time, missed=planned.missed)
        named = request_id(state, planned)
        request = RunRequest(schedule.action, schedule.parameters, trigger, named, principal=_author(state))
        told = {**planned.model_dump(), "decided_at": self._clock()}
        try:
            run, _ = await request_run(self._store, self._bus, self._sealer, request, clock=self._clock)
        except RequestIdReusedError as error:
            return Fire(**told, decision="run_requested", run_id=str(error))
        except RunRefusedError as error:
            return Fire(**told, decision="refused", reason=str(error))
        return Fire(**told, decision="run_requested" if run.request_id == named else "joined", run_id=run.id)


def _author(state: ScheduleState) -> Principal:
    """On whose behalf its runs are asked for: whoever may write a schedule may edit actions, too."""
    return Principal(id=f"schedule/{state.uid}", name=state.id, kind="service", grants=GRANTS["editor"], role="editor")
