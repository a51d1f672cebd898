"""Deliveries: what was posted to the webhooks, what became of it, and its replay."""

from typing import ClassVar, Literal

from shared.contracts.model import Message, Model
from shared.contracts.values import Instant

DeliveryOutcome = Literal["accepted", "unreadable", "refused", "unauthorized"]
NOT_TAKEN: tuple[DeliveryOutcome, ...] = ("unreadable", "refused", "unauthorized")
"""What somebody should look at."""

MOST_IDS = 20
"""Ids of alerts and of runs that a delivery shows."""


class DeliveryReplay(Model):
    """The last time that somebody asked for a delivery to be decided again."""

    state: Literal["requested", "done", "failed"]
    by: str
    """The name of who asked."""
    principal_id: str = ""
    """Of the same, which no later holder of the name has."""
    requested_at: Instant
    ended_at: Instant | None = None
    reason: str = ""
    """What came of it, in a sentence."""
    alerts: list[str] = []
    """The ids of the first of its alerts."""
    runs: list[str] = []
    """The ids of the first of those runs that these alerts have led to, whenever they did."""


class AlertDelivery(Model):
    """A post to a webhook, and what became of it."""

    id: str
    source: str
    """As in ``/webhooks/SOURCE``; ``unknown`` where there is no such source."""
    integration: str = ""
    """The integration by which its sender was verified; empty where a token was shown."""
    outcome: DeliveryOutcome
    """``accepted``: taken and understood. ``unreadable``: taken, but in part or whole not understood, so that it starts
    nothing. ``refused``: not taken. ``unauthorized``: refused, for its sender was not verified; of each source, one
    entry counts these."""
    status: int
    """Of the HTTP answer."""
    reason: str
    """In a sentence; empty where it was accepted."""
    address: str
    """Who posted."""
    beginning: str
    """Of the body, or of the query where there is no body; what may be a secret is masked. Empty where its sender was
    not verified."""
    size: int = 0
    """Of the body, in bytes."""
    replayable: bool = False
    """Whether its whole body is kept, so that it can be decided again."""
    alerts: list[str] = []
    """The ids of the first of its alerts."""
    received_at: Instant
    """The last time."""
    times: int = 1
    """How often it came."""
    replay: DeliveryReplay | None = None


class ReplayDelivery(Message):
    """Decide this delivery again, as is asked for in the store."""

    kind: ClassVar[str] = "replay_delivery"

    delivery_id: str
