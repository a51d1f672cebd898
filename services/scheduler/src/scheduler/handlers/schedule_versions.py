"""The versions of schedules: their own, or those of the actions that own them.

Of an action every version is one of its schedule, too; where it owns none, that version has none, and the schedule goes
on with a later one that does.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.action import ActionDefinition
from shared.contracts.schedule import ScheduleDefinition
from shared.definitions import parsed, version_id
from shared.kinds import ACTION, SCHEDULE
from shared.own_definitions import OWNED, own_schedule, own_schedule_name, owner_of, owns_a_schedule
from shared.store.port import Collection, Document, DocumentStore, OneOf, pages

PAGE = 200
_HEAD = ("uid", "number")


@dataclass(frozen=True)
class ScheduleVersion:
    """One version of a schedule."""

    uid: str
    number: int
    at: datetime
    schedule: ScheduleDefinition | None
    """None where there is none in this version."""
    is_created: bool
    """Whether nothing of its name was there before."""
    is_deleted: bool
    """Whether nothing is there from then on."""


async def schedule_heads(store: DocumentStore, known: Mapping[str, Document]) -> AsyncIterator[tuple[str, Document]]:
    """Every schedule that there is, and every one of the known whose action is there, with its uid and number."""
    async for page in pages(store, SCHEDULE.collection, {}, size=PAGE, fields=_HEAD):
        for head in page:
            yield head["id"], head
    seen = set[str]()
    where = {"mode": OWNED[SCHEDULE.word].mode}
    async for page in pages(store, ACTION.collection, where, size=PAGE, fields=_HEAD):
        for head in page:
            seen.add(head["id"])
            yield own_schedule_name(head["id"]), head
    left = sorted(name for name in map(owner_of, known) if name is not None and name not in seen)
    for begin in range(0, len(left), PAGE):
        part = tuple(left[begin : begin + PAGE])
        for head in await store.find(ACTION.collection, {"id": OneOf(part)}, limit=len(part), fields=_HEAD):
            yield own_schedule_name(head["id"]), head


async def version_of_schedule(store: DocumentStore, name: str, number: int) -> ScheduleVersion | None:
    """This version of the schedule of this name; None where there is no such version."""
    versions, stored_as = _versions(name)
    document = await store.get(versions, version_id(stored_as, number))
    if document is None or "uid" not in document:  # of an action that the first release stored
        return None
    return ScheduleVersion(
        document["uid"],
        document["number"],
        datetime.fromisoformat(document["at"]),
        _schedule_in(name, document),
        document["change"] == "created",
        document["change"] == "deleted",
    )


async def first_version_of_schedule(store: DocumentStore, name: str) -> ScheduleVersion | None:
    """The first version that has the schedule of this name, since what it stands in was made; None where none has."""
    head = await store.get(ACTION.collection if owner_of(name) else SCHEDULE.collection, _versions(name)[1])
    if head is None:
        return None
    number, first = head["number"], None
    while (version := await version_of_schedule(store, name, number)) is not None:
        first = first if version.schedule is None else version
        if version.is_created:
            return first
        number -= 1
    if first is None:
        message = f"the schedule '{name}' has no version that made it; save it once more"
        raise LookupError(message)
    return first


def _versions(name: str) -> tuple[Collection, str]:
    """Where the versions are, and by which name."""
    action = owner_of(name)
    return (SCHEDULE.versions, name) if action is None else (ACTION.versions, action)


def _schedule_in(name: str, document: Document) -> ScheduleDefinition | None:
    if document["change"] == "deleted":
        return None
    if owner_of(name) is None:
        return parsed(ScheduleDefinition, document["definition"])
    if not owns_a_schedule(document):  # also where no model of today would take it
        return None
    return own_schedule(parsed(ActionDefinition, document["definition"]))
