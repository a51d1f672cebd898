"""What is shown of the definitions of single kinds besides what they say."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import Field

from catalog.api.context import CatalogContext
from catalog.domain.views import OwnerView, ProgressView, View, owner_view
from catalog.handlers.actions import what_runs_tell
from catalog.handlers.providers import host_keys_of
from catalog.handlers.schedules import fires_of
from shared.contracts.action import ActionDefinition
from shared.contracts.provider import ProviderDefinition
from shared.contracts.run import RunState
from shared.contracts.schedule import Fire, ScheduleDefinition
from shared.contracts.secret import SecretMetadata
from shared.contracts.values import Instant, instant_text
from shared.definitions import Stored, is_readable
from shared.fire_times import FireTimes
from shared.own_definitions import own_schedule


@dataclass(frozen=True)
class Addition:
    """What is shown of a kind besides its definition."""

    fields: type[View]
    of: Callable[[CatalogContext, Sequence[Stored[Any]], str], Awaitable[list[dict[str, Any]]]]
    """These fields of each, as the principal of this id sees them."""


class ProviderStatus(View):
    """What was found out about a provider."""

    host_key: str | None = Field(examples=["SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"])
    """The fingerprint that it has to show: the one in its definition, or the one it showed first; none with
    ``host_ca``, which any key may be signed by."""
    pinned_at: Instant | None
    """When that was pinned; none where the definition gives it, or nothing has connected yet."""


class ShownOfProvider(View):
    """What is shown of a provider besides its definition."""

    status: ProviderStatus


class ShownOfSecret(View):
    """What is shown of a secret besides its name and description."""

    readable: bool
    """Whether the master key opens it. Where it does not, set the secret anew."""


class LastRunView(View):
    """The run of an action that ended last."""

    id: str = Field(examples=["01JX3Q7W8Z5V9K2M4N6P8R0S2T"])
    state: RunState = Field(examples=["succeeded"])
    started_at: Instant | None
    ended_at: Instant
    duration: float | None = Field(examples=[12.345])
    """From its first step's start to its end, in seconds."""


class CurrentRunView(View):
    """The newest of the runs of an action that are running."""

    id: str = Field(examples=["01JX3Q7W8Z5V9K2M4N6P8R0S2T"])
    started_at: Instant | None
    progress: ProgressView
    remaining: float | None = Field(examples=[27.7])
    """How long it probably takes from now on, in seconds; 0 where it takes longer than usual, null where not known and
    while it waits."""


class ShownOfAction(View):
    """What is shown of an action besides its definition."""

    favourite: bool
    """Whether you marked it."""
    running: int = Field(examples=[0])
    """How many runs of it are running."""
    current_run: CurrentRunView | None
    """The newest of these; null where none is running."""
    last_run: LastRunView | None
    """The run that ended last; null where none has."""
    usual_duration: float | None = Field(examples=[12.3])
    """In seconds: the median of those of its last 50 runs that succeeded; where there are none, its estimated
    duration."""
    next_fire_time: Instant | None = Field(examples=["2026-02-01T01:30:00.000Z"])
    """When its own schedule fires next; null where it has none, or that is not enabled or will not fire any more."""
    success_rate: float | None = Field(examples=[0.98])
    """Which part succeeded of those of its last 50 runs that succeeded, failed or ended nobody knows how; null where
    there are none."""


class ShownOfRule(View):
    """What is shown of an alert rule besides its definition."""

    name: str = Field(examples=["nginx-down"])
    """Of one that an action owns: ``action:``, the action's name and a number."""
    owner: OwnerView | None
    """The action whose own it is, and with which it changes; null where it stands by itself."""


class ShownOfSchedule(View):
    """What is shown of a schedule besides its definition."""

    name: str = Field(examples=["nightly-cleanup"])
    """Of one that an action owns: ``action:`` and the action's name."""
    owner: OwnerView | None
    """The action whose own it is, and with which it changes; null where it stands by itself."""
    next_fire_time: Instant | None = Field(examples=["2026-02-01T01:30:00.000Z"])
    """Null where it is not enabled, or will not fire any more."""
    last_fire: Fire | None
    """What it did last; null where its first fire time is still to come."""


async def _activities(
    context: CatalogContext, actions: Sequence[Stored[ActionDefinition]], caller_id: str
) -> list[dict[str, Any]]:
    now = context.clock()
    told = await what_runs_tell(context.store, actions, caller_id=caller_id, now=now)
    return [
        {**one, "next_fire_time": _next_fire_time(own_schedule(action.definition), now)}
        for one, action in zip(told, actions, strict=True)
    ]


async def _statuses(
    context: CatalogContext, providers: Sequence[Stored[ProviderDefinition]], _caller_id: str
) -> list[dict[str, Any]]:
    keys = await host_keys_of(context.store, providers)
    return [{"status": {"host_key": fingerprint, "pinned_at": pinned_at}} for fingerprint, pinned_at in keys]


async def _readable(
    context: CatalogContext, secrets: Sequence[Stored[SecretMetadata]], _caller_id: str
) -> list[dict[str, Any]]:
    return [{"readable": is_readable(secret, context.sealer)} for secret in secrets]


async def _owners(
    _context: CatalogContext, definitions: Sequence[Stored[Any]], _caller_id: str
) -> list[dict[str, Any]]:
    return [_owner(one.name) for one in definitions]


def _owner(name: str) -> dict[str, Any]:
    owner = owner_view(name)
    return {"owner": None if owner is None else owner.model_dump(mode="json")}


async def _fires(
    context: CatalogContext, schedules: Sequence[Stored[ScheduleDefinition]], _caller_id: str
) -> list[dict[str, Any]]:
    fires = await fires_of(context.store, schedules)
    shown = []
    for schedule in schedules:
        last = fires[schedule.name][-1:]
        shown.append(
            {
                **_owner(schedule.name),
                "next_fire_time": _next_fire_time(schedule.definition, context.clock()),
                "last_fire": last[0].model_dump(mode="json") if last else None,
            }
        )
    return shown


def _next_fire_time(schedule: ScheduleDefinition | None, now: datetime) -> str | None:
    following = None if schedule is None or not schedule.enabled else FireTimes.of(schedule).first_after(now)
    return None if following is None else instant_text(following)


ADDITIONS: Mapping[str, Addition] = {
    "action": Addition(ShownOfAction, _activities),
    "alert_rule": Addition(ShownOfRule, _owners),
    "provider": Addition(ShownOfProvider, _statuses),
    "schedule": Addition(ShownOfSchedule, _fires),
    "secret": Addition(ShownOfSecret, _readable),
}
"""By the word of the kind."""
