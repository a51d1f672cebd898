"""Triggers: why a run exists."""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.model import Model
from shared.contracts.values import Instant

TriggerKind = Literal["manual", "schedule", "alert", "api"]


class Trigger(Model):
    """Why a run exists."""

    kind: TriggerKind
    by: str
    """The name of the token, the alert rule or the schedule that asked for it."""
    principal_id: Annotated[str | None, Field(exclude_if=lambda value: value is None)] = None
    """The principal that asked: its id tells it from others that had or will have its name. A rule is none."""
    note: str = ""
    alert_id: str | None = None
    fire_time: Annotated[Instant | None, Field(exclude_if=lambda value: value is None)] = None
    """Of the schedule, where one asked."""
    missed: Annotated[int, Field(exclude_if=lambda value: not value)] = 0
    """How many of its fire times before this one led to no run of their own, as nothing was there to notice them."""
    joined: Annotated[int, Field(exclude_if=lambda value: not value)] = 0
    """How often the same was asked for while the run waited for a maintenance window to end, and it stands for that."""
    joined_at: Annotated[Instant | None, Field(exclude_if=lambda value: value is None)] = None
    """When it was last."""
    cancel_on_resolve: Annotated[bool, Field(exclude_if=lambda value: not value)] = False
    """Whether the run is cancelled where it has not begun when its alert, and all that joined it, are resolved."""
    joined_alerts: Annotated[list[str], Field(exclude_if=lambda value: not value)] = []
    """The alerts that asked for the same meanwhile."""
    is_quiet: Annotated[bool, Field(exclude_if=lambda value: not value)] = False
    """Whether no channel is told of the run until it has begun: a storm breaker holds it, and told of another one."""
    joined_request: Annotated[str | None, Field(exclude_if=lambda value: value is None)] = None
    """By which request it was last, so that asking again does not count again."""
