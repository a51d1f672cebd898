"""Alerts, and posts that were not taken, as the alert-bridge stored them."""

from dataclasses import dataclass
from datetime import datetime

from catalog.handlers.errors import UnknownError
from shared.alerts import stored_alert_of
from shared.collections import ALERT_DELIVERIES, ALERTS
from shared.contracts.alert import STALE_AFTER, AlertDelivery, AlertStatus, DeliveryOutcome, StoredAlert
from shared.contracts.values import instant_text
from shared.ids import first_id
from shared.store.port import Condition, DocumentStore, Range


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
    place = None if after is None else (after, after)
    found = await store.find(ALERTS, asked.where(now), descending=True, after=place, limit=limit)
    return [stored_alert_of(document) for document in found]


@dataclass(frozen=True)
class DeliveryFilter:
    """Which posts are asked for: all that is given has to hold."""

    source: str | None = None
    outcome: DeliveryOutcome | None = None
    since: datetime | None = None


async def list_deliveries(
    store: DocumentStore, asked: DeliveryFilter, after: str | None, limit: int
) -> list[AlertDelivery]:
    """Posts that were refused or not understood, the newest first, those that came before one."""
    where: dict[str, Condition] = {}
    if asked.source is not None:
        where["source"] = asked.source
    if asked.outcome is not None:
        where["outcome"] = asked.outcome
    if asked.since is not None:
        where["id"] = Range(at_least=first_id(asked.since))
    place = None if after is None else (after, after)
    found = await store.find(ALERT_DELIVERIES, where, descending=True, after=place, limit=limit)
    return [AlertDelivery.model_validate(document) for document in found]
