"""Schedules as the catalog shows them: what they did, as the scheduler has noted it."""

from collections.abc import Sequence
from typing import Any

from shared.collections import SCHEDULE_STATES
from shared.contracts.schedule import Fire, ScheduleState
from shared.definitions import Stored
from shared.store.port import DocumentStore, OneOf


async def fires_of(store: DocumentStore, schedules: Sequence[Stored[Any]]) -> dict[str, list[Fire]]:
    """What each of them did lately, by its name, the newest last; what another one of its name did is not its own."""
    names = tuple(schedule.name for schedule in schedules)
    found = await store.find(SCHEDULE_STATES, {"id": OneOf(names)}, limit=len(names)) if names else []
    states = {state.id: state for state in map(ScheduleState.model_validate, found)}
    return {
        schedule.name: state.fires if (state := states.get(schedule.name)) and state.uid == schedule.uid else []
        for schedule in schedules
    }
