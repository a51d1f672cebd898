"""What a schedule does when fire times have come, also where nothing was there to notice them. Pure."""

from datetime import datetime, timedelta

from shared.contracts.schedule import MOST_FIRES, Fire, PlannedFire, ScheduleDefinition, ScheduleState
from shared.contracts.values import instant_text
from shared.fire_times import FireTimes

LATE_AFTER = timedelta(seconds=60)
"""A fire time that was noticed later was missed. Until then its run just begins a little late, as after a restart."""
MOST_COUNTED = 1_000
"""Missed fire times; of more it is only known that there were as many."""


def begun(name: str, uid: str, number: int, schedule: ScheduleDefinition, since: datetime) -> ScheduleState:
    """The state of a schedule that is new at this version of it, since an instant."""
    return moved_on(ScheduleState(id=name, uid=uid, number=number, since=since), uid, number, schedule, since)


def moved_on(
    state: ScheduleState, uid: str, number: int, schedule: ScheduleDefinition | None, since: datetime
) -> ScheduleState:
    """The state at another version of the definition, which holds since an instant; none: the schedule is deleted."""
    fires = state.fires if uid == state.uid else []
    changed = {"uid": uid, "number": number, "planned": [], "fires": fires}
    return _waiting(state.model_copy(update=changed), schedule, since)


def after_fires(state: ScheduleState, schedule: ScheduleDefinition, *, until: datetime, now: datetime) -> ScheduleState:
    """The state once it is decided what becomes of all fire times up to an instant: runs are planned, or none are.

    Nobody may have looked for long: then ``misfire`` says what becomes of those that were missed.
    """
    times = FireTimes.of(schedule)
    late_until = min(until, now - LATE_AFTER)
    missed, _ = times.latest(state.since, late_until, MOST_COUNTED) if late_until > state.since else ([], False)
    in_time, _ = times.latest(max(state.since, late_until), until, MOST_COUNTED)
    planned, fires = _planned(schedule, missed, in_time), state.fires
    if missed and not planned:
        reason = "it was missed, as no scheduler was there to notice it, and misfire: skip makes no run of it"
        *before, last = missed
        fires = [*fires, Fire(fire_time=last, missed=len(before), decided_at=now, decision="missed", reason=reason)]
    decided = state.model_copy(update={"planned": planned, "fires": fires[-MOST_FIRES:]})
    return _waiting(decided, schedule, until)


def after_requests(state: ScheduleState, fires: list[Fire]) -> ScheduleState:
    """The state once the planned runs were asked for."""
    kept = [*state.fires, *fires][-MOST_FIRES:]
    return state.model_copy(update={"planned": [], "fires": kept, "due_at": state.next_fire_time})


def after_clock_was_set_back(
    state: ScheduleState, schedule: ScheduleDefinition | None, now: datetime
) -> ScheduleState | None:
    """The state that looks from now on again, where a clock that was far ahead had it look past what is to come.

    None where nothing is to be done. Fire times that had their runs meanwhile get no other ones, as a run is asked for
    by its fire time.
    """
    return _waiting(state, schedule, now) if state.since > now + LATE_AFTER else None


def request_id(state: ScheduleState, planned: PlannedFire) -> str:
    """Names the run of a fire time among all runs, whoever asks for it and however often."""
    return f"{state.uid}@{instant_text(planned.fire_time)}"


def _planned(schedule: ScheduleDefinition, missed: list[datetime], in_time: list[datetime]) -> list[PlannedFire]:
    match schedule.misfire:
        case "run_all":
            own = missed[-schedule.misfire_limit :]
        case "run_once":
            own = [] if in_time else missed[-1:]
        case "skip":
            own = []
    without = len(missed) - len(own)
    fires = [PlannedFire(fire_time=one) for one in [*own, *in_time]]
    return [fires[0].model_copy(update={"missed": without}), *fires[1:]] if fires else []


def _waiting(state: ScheduleState, schedule: ScheduleDefinition | None, since: datetime) -> ScheduleState:
    """The same, up to an instant decided, and due when its next fire time comes, or at once where a run is planned."""
    following = None
    if schedule is not None and schedule.enabled:
        following = FireTimes.of(schedule).first_after(since)
    due_at = since if state.planned else following
    action = "" if schedule is None else schedule.action
    changed = {"action": action, "since": since, "next_fire_time": following, "due_at": due_at}
    return state.model_copy(update=changed)
