"""Alerts, as the alert-bridge stored them."""

from catalog.handlers.errors import UnknownError
from shared.alerts import stored_alert_of
from shared.collections import ALERTS
from shared.contracts.alert import AlertStatus, StoredAlert
from shared.store.port import Condition, DocumentStore


async def existing_alert(store: DocumentStore, alert_id: str) -> StoredAlert:
    """The alert; ``UnknownError`` where there is none."""
    document = await store.get(ALERTS, alert_id)
    if document is None:
        raise UnknownError("alert", alert_id)
    return stored_alert_of(document)


async def list_alerts(
    store: DocumentStore, source: str | None, status: AlertStatus | None, after: str | None, limit: int
) -> list[StoredAlert]:
    """Alerts, the newest first, those that came before one."""
    where: dict[str, Condition] = {}
    if source is not None:
        where["alert.source"] = source
    if status is not None:
        where["alert.status"] = status
    place = None if after is None else (after, after)
    return [
        stored_alert_of(document)
        for document in await store.find(ALERTS, where, descending=True, after=place, limit=limit)
    ]
