"""Notifications: what a channel is told of a run, and how that went."""

from datetime import timedelta
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field, JsonValue

from shared.contracts.channel import NotificationEvent
from shared.contracts.model import Documented, Message
from shared.contracts.values import Instant, Name

NotificationState = Literal["pending", "delivered", "failed"]
NotificationReason = Literal[
    "unreachable",
    "timed_out",
    "busy",
    "redirected",
    "refused",
    "bad_address",
    "misconfigured",
    "overtaken",
    "unknown",
]
"""Why nothing was delivered. ``busy``: the receiver says that it cannot now. ``refused``: it says that it will not.
``misconfigured``: the channel or its secret is not there, or cannot be used. ``overtaken``: what it asks to approve was
decided before it could be delivered."""
MOST_ATTEMPTS_SHOWN = 50
TRIED_FOR = timedelta(days=1)
"""How long it is tried to deliver one, from its making or from when somebody last wanted that."""

_EXAMPLE: JsonValue = {
    "id": "01JX3Q7W8Z5V9K2M4N6P8R0S2T",
    "channel": "on-call",
    "state": "delivered",
    "event": "failed",
    "run_id": "01JX3Q7W8Z5V9K2M4N6P8R0S1A",
    "action": "restart-service",
    "step": None,
    "title": "restart-service failed",
    "text": "Restart a service (restart-service, version 3) failed after 12s.",
    "link": "https://opsimate.example/runs/01JX3Q7W8Z5V9K2M4N6P8R0S1A",
    "created_at": "2026-01-31T12:00:00.000Z",
    "next_attempt_at": None,
    "ended_at": "2026-01-31T12:00:01.000Z",
    "attempts": 1,
    "reason": None,
    "reason_text": None,
    "log": [
        {"number": 1, "at": "2026-01-31T12:00:01.000Z", "ok": True, "reason": None, "message": "It was taken (204)."}
    ],
}


class NotificationAttempt(Documented):
    """One try to deliver a notification, and what came of it."""

    number: int
    at: Instant
    ok: bool
    reason: NotificationReason | None = None
    message: str
    """What came of it, in a sentence; never a part of the address."""


class Notification(Documented):
    """What a channel is told of a run, once."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str
    """The receiver gets it with every attempt (``webhook-id``), and so can tell what it has had."""
    channel: Name
    state: NotificationState
    event: NotificationEvent
    run_id: str
    action: str
    """The action's name."""
    step: str | None = None
    """The step that waits for an approval, where it is not the run itself."""
    title: str
    text: str
    link: str | None = None
    """To the run's page, where an approval can be decided as well; null where ``OPSIMATE_PUBLIC_URL`` is not set."""
    created_at: Instant
    next_attempt_at: Instant | None = None
    """When it is tried next, or again if whoever tries it now dies; null where nothing more is to be done."""
    ended_at: Instant | None = None
    """When it was delivered or given up."""
    attempts: int = 0
    """How often it was tried."""
    reason: NotificationReason | None = None
    """Why the last attempt failed; null where it did not."""
    reason_text: str | None = None
    log: list[NotificationAttempt] = []
    """The newest attempts, in their order."""


class StoredNotification(Notification):
    """A notification as it is stored."""

    version: int = 1
    key: str
    """Names what is told to whom: the same is told once."""
    body: dict[str, Any] = Field(default_factory=dict)
    """What a program of your own is posted."""
    give_up_at: Instant
    """After this instant it is not tried again by itself."""
    delivered_to: list[str] = []
    """Which of several recipients have it already: hashes that only the address itself can be compared with."""


SHOWN_FIELDS = tuple(name for name in Notification.model_fields if name != "id")


def notification_key(run_id: str, event: NotificationEvent, step: str | None, channel: str) -> str:
    """What names that a channel is told this of a run."""
    return "/".join([run_id, event, *([step] if step is not None else []), channel])


class SendNotifications(Message):
    """Command: look now for notifications that are due; somebody wants one tried again."""

    kind: ClassVar[str] = "send_notifications"
    notification_ids: list[str]
