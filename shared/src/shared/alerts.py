"""How an alert lies in the store: labels and annotations have names of other people's choosing.

Such a name may hold a dot or a dollar, which no store takes as a key, so each map is a list of objects
``{"name": …, "value": …}``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.contracts.alert import StoredAlert
from shared.store.port import Document

_MAPS = ("labels", "annotations")


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


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _map(pairs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {pair["name"]: pair["value"] for pair in pairs}
