"""How alerts and their deliveries lie in the store.

Labels and annotations have names of other people's choosing. Such a name may hold a dot or a dollar, which no store
takes as a key, so each map is a list of objects ``{"name": …, "value": …}``. What somebody posted is sealed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.contracts.alert import StoredAlert
from shared.contracts.delivery import AlertDelivery
from shared.encryption import MasterKeyError, Sealer
from shared.redaction import shown
from shared.store.port import Document

LONGEST_SHOWN = 1_024
"""Characters of the beginning of a delivery."""
_MAPS = ("labels", "annotations")
_REPORT = "alert."


def stored_alert_document(stored: StoredAlert, *, pending: bool) -> Document:
    """The alert as a document of ``ALERTS``; ``pending`` while runs that its rules ask for are still to be made."""
    document = stored.model_dump(mode="json")
    alert = document["alert"]
    for field in _MAPS:
        alert[field] = _pairs(alert[field])
    document["pending"] = pending
    return document


def stored_alert_of(document: Document) -> StoredAlert:
    """The alert that a document of ``ALERTS`` holds."""
    alert = document["alert"]
    maps = {field: _map(alert[field]) for field in _MAPS}
    return StoredAlert.model_validate({**document, "alert": {**alert, **maps}})


def changed_by(document: Document, changes: Mapping[str, Any]) -> Document:
    """The document of an alert with these fields of it, or of the report in it (``alert.status``), changed."""
    of_report = {name.removeprefix(_REPORT): value for name, value in changes.items() if name.startswith(_REPORT)}
    rest = {name: value for name, value in changes.items() if not name.startswith(_REPORT)}
    return {**document, **rest, "alert": {**document["alert"], **of_report}}


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _map(pairs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {pair["name"]: pair["value"] for pair in pairs}


def bound_to_delivery(delivery_id: str) -> str:
    """What the sealed parts of a delivery are bound to."""
    return f"delivery/{delivery_id}"


def delivery_document(delivery: AlertDelivery, sealer: Sealer) -> Document:
    """The delivery as a document of ``ALERT_DELIVERIES``; its beginning is as it came, and sealed."""
    document = delivery.model_dump(mode="json", exclude={"beginning"}, exclude_none=True)
    sealed = sealer.seal(delivery.beginning, bound_to=bound_to_delivery(delivery.id)) if delivery.beginning else ""
    return {**document, "sealed": sealed}


def delivery_of(document: Document, sealer: Sealer) -> AlertDelivery:
    """The delivery that a document of ``ALERT_DELIVERIES`` holds, as it is shown: its beginning is masked.

    Earlier releases masked it before they stored it, and did not seal it.
    """
    beginning = document.get("beginning", "")
    if sealed := document.get("sealed"):
        try:
            beginning = shown(sealer.open(sealed, bound_to=bound_to_delivery(document["id"])), LONGEST_SHOWN)
        except MasterKeyError as error:
            beginning = f"({error})"
    return AlertDelivery.model_validate({**document, "beginning": beginning})
