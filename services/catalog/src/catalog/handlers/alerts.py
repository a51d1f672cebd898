"""Alerts, and the posts that told of them, as the alert-bridge stored them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.handlers.refusals import ConflictError, UnknownError
from shared.alerts import delivery_of, stored_alert_of
from shared.bus.port import Bus, publish_or_leave
from shared.clock import first_id
from shared.collections import ALERT_DELIVERIES, ALERTS
from shared.contracts.alert import STALE_AFTER, AlertStatus, StoredAlert
from shared.contracts.delivery import AlertDelivery, DeliveryOutcome, DeliveryReplay, ReplayDelivery
from shared.contracts.principal import Principal
from shared.contracts.values import instant_text
from shared.encryption import Sealer
from shared.store.port import Changes, Condition, DocumentStore, OneOf, Range, after_id


async def existing_alert(store: DocumentStore, alert_id: str) -> StoredAlert:
    """The alert; ``UnknownError`` where there is none."""
    document = await store.get(ALERTS, alert_id)
    if document is None:
        raise UnknownError("alert", alert_id)
    return stored_alert_of(document)


@dataclass(frozen=True)
class AlertFilter:
    """Which alerts are asked for: all that is given has to hold."""

    source: str | None = None
    status: AlertStatus | None = None
    fingerprint: str | None = None
    stale: bool = False

    def where(self, now: datetime) -> dict[str, Condition]:
        """The filter as the store takes it."""
        where: dict[str, Condition] = {}
        if self.source is not None:
            where["alert.source"] = self.source
        if self.status is not None:
            where["alert.status"] = self.status
        if self.fingerprint is not None:
            where["alert.fingerprint"] = self.fingerprint
        if self.stale:
            where["alert.status"] = "firing"
            where["last_received_at"] = Range(below=instant_text(now - STALE_AFTER))
        return where


def is_stale(stored: StoredAlert, now: datetime) -> bool:
    """Whether an alert is said to fire, but was not heard of for long."""
    return stored.alert.status == "firing" and stored.last_received_at < now - STALE_AFTER


async def list_alerts(
    store: DocumentStore, asked: AlertFilter, now: datetime, after: str | None, limit: int
) -> list[StoredAlert]:
    """Alerts, the newest first, those that came before one."""
    if asked.stale and asked.status not in (None, "firing"):
        return []
    found = await store.find(ALERTS, asked.where(now), descending=True, after=after_id(after), limit=limit)
    return [stored_alert_of(document) for document in found]


@dataclass(frozen=True)
class DeliveryFilter:
    """Which posts are asked for: all that is given has to hold."""

    source: str | None = None
    outcomes: Sequence[DeliveryOutcome] = ()
    """Any of these; none given: all."""
    since: datetime | None = None


async def list_deliveries(
    store: DocumentStore, sealer: Sealer, asked: DeliveryFilter, after: str | None, limit: int
) -> list[AlertDelivery]:
    """Posts, the newest first, those that came before one."""
    where: dict[str, Condition] = {}
    if asked.source is not None:
        where["source"] = asked.source
    if asked.outcomes:
        where["outcome"] = OneOf(tuple(asked.outcomes))
    if asked.since is not None:
        where["id"] = Range(at_least=first_id(asked.since))
    fields = ALERT_DELIVERIES.summary
    found = await store.find(
        ALERT_DELIVERIES, where, descending=True, after=after_id(after), limit=limit, fields=fields
    )
    return [delivery_of(document, sealer) for document in found]


async def request_replay(
    store: DocumentStore, bus: Bus, sealer: Sealer, delivery_id: str, *, by: Principal, now: datetime
) -> AlertDelivery:
    """Ask the alert-bridge to decide a delivery again; ``UnknownError``, ``ConflictError`` where it cannot.

    Once this returns the request is durable, whatever becomes of the message. Asking again while it is not done is
    the same.
    """
    document = await store.get(ALERT_DELIVERIES, delivery_id, fields=ALERT_DELIVERIES.summary)
    if document is None:
        raise UnknownError("delivery", delivery_id)
    delivery = delivery_of(document, sealer)
    if not delivery.replayable:
        reason = "it was refused" if delivery.outcome in ("refused", "unauthorized") else "it is too large"
        raise ConflictError(f"the delivery '{delivery_id}' cannot be decided again: {reason}, so not all of it is kept")
    if delivery.replay is None or delivery.replay.state != "requested":
        delivery.replay = DeliveryReplay(state="requested", by=by.name, principal_id=by.id, requested_at=now)
        asked = Changes(set={"replay": delivery.replay.model_dump(mode="json")})
        if not await store.change(ALERT_DELIVERIES, {"id": delivery_id}, asked):
            raise UnknownError("delivery", delivery_id)
    await publish_or_leave(bus, ReplayDelivery(delivery_id=delivery_id))
    return delivery
