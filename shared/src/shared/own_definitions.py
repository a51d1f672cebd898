"""What actions own: a schedule or alert rules, which their execution settings say.

They are worked out of the action whenever they are read, and stored nowhere else, so that they cannot differ from it.
Their names have a colon, which no other definition's has: ``action:NAME`` is the schedule of an action and
``action:NAME:2`` its second rule. Lists have them behind all that stand by themselves, in the order of their actions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.action import ActionDefinition, Mode
from shared.contracts.alert_rule import AlertRuleDefinition, Response, ResponseSettings, RuleSettings
from shared.contracts.definition import Definition
from shared.contracts.schedule import ScheduleDefinition, ScheduleSettings
from shared.definitions import DefinitionT, Stored, parsed
from shared.kinds import ACTION, ALERT_RULE, SCHEDULE, Kind
from shared.store.port import Document, DocumentStore, after_id, pages

_OWNER, _COLON = "action", ":"


def own_schedule_name(action: str) -> str:
    """What the schedule of an action is called."""
    return f"{_OWNER}{_COLON}{action}"


def owner_of(name: str) -> str | None:
    """The action that owns what has this name; None of what stands by itself."""
    owner, colon, rest = name.partition(_COLON)
    return rest.partition(_COLON)[0] if colon and owner == _OWNER else None


def own_schedule(action: ActionDefinition) -> ScheduleDefinition | None:
    """The schedule that an action owns; None where it owns none."""
    settings = action.execution.schedule
    if action.mode != "scheduled" or settings is None:
        return None
    return ScheduleDefinition.model_construct(
        name=own_schedule_name(action.name), action=action.name, **_fields(ScheduleSettings, settings)
    )


def own_rules(action: ActionDefinition) -> list[AlertRuleDefinition]:
    """The alert rules that an action owns."""
    if action.mode != "triggered":
        return []
    return [as_rule(action.name, number, trigger) for number, trigger in enumerate(action.execution.triggers, start=1)]


def as_rule(action: str, number: int, trigger: Any) -> AlertRuleDefinition:
    """One of the triggers of an action as the rule that it is."""
    response = Response.model_construct(action=action, **_fields(ResponseSettings, trigger))
    return AlertRuleDefinition.model_construct(
        name=f"{own_schedule_name(action)}{_COLON}{number}", responses=[response], **_fields(RuleSettings, trigger)
    )


def _fields(model: type[Any], settings: Any) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in model.model_fields}


@dataclass(frozen=True)
class _Owned:
    """A kind of which actions may own some."""

    mode: Mode
    """That such actions have."""
    of: Callable[[ActionDefinition], Sequence[Definition]]


def _own_schedules(action: ActionDefinition) -> list[ScheduleDefinition]:
    found = own_schedule(action)
    return [] if found is None else [found]


OWNED: Mapping[str, _Owned] = {
    SCHEDULE.word: _Owned("scheduled", _own_schedules),
    ALERT_RULE.word: _Owned("triggered", own_rules),
}
"""By the words of the kinds."""


def owns_a_schedule(document: Document) -> bool:
    """Whether this version of a definition, or its head, is that of an action with a schedule."""
    return document.get("mode") == OWNED[SCHEDULE.word].mode


def _all_of(kind: Kind[DefinitionT], head: Document) -> list[Stored[DefinitionT]]:
    """What the action of this head owns of a kind, as if it stood by itself: at the action's version and uid."""
    return [
        Stored(
            name=one.name,
            uid=head["uid"],
            version=head["number"],
            created_at=datetime.fromisoformat(head["created_at"]),
            updated_at=datetime.fromisoformat(head["at"]),
            updated_by=head["by"],
            definition=one,  # type: ignore[arg-type]
            names={ACTION.word: [head["name"]]},
        )
        for one in OWNED[kind.word].of(parsed(ActionDefinition, head["definition"]))
    ]


async def owned(store: DocumentStore, kind: Kind[DefinitionT], name: str) -> Stored[DefinitionT] | None:
    """What an action owns under this name."""
    action = owner_of(name)
    head = None if action is None else await store.get(ACTION.collection, action)
    found = [] if head is None else _all_of(kind, head)
    return next((one for one in found if one.name == name), None)


async def page_of_owned(
    store: DocumentStore, kind: Kind[DefinitionT], after: str | None, limit: int
) -> list[Stored[DefinitionT]]:
    """What actions own of a kind, in its order, beginning behind one of these names."""
    found: list[Stored[DefinitionT]] = []
    last = None if after is None else owner_of(after)
    if after is not None and last is not None and (head := await store.get(ACTION.collection, last)) is not None:
        number = after.removeprefix(own_schedule_name(last)).removeprefix(_COLON)
        found += _all_of(kind, head)[int(number) if number.isdecimal() else 1 :]
    if len(found) < limit:
        where = {"mode": OWNED[kind.word].mode}
        heads = await store.find(ACTION.collection, where, after=after_id(last), limit=limit - len(found))
        found += [one for head in heads for one in _all_of(kind, head)]
    return found[:limit]


async def all_owned(store: DocumentStore, kind: Kind[DefinitionT]) -> list[Stored[DefinitionT]]:
    """All that actions own of a kind, in its order."""
    heads = pages(store, ACTION.collection, {"mode": OWNED[kind.word].mode})
    return [one async for page in heads for head in page for one in _all_of(kind, head)]
