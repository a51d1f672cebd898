"""What is not understood is never taken for firing: objects without a known field."""

from datetime import datetime
from typing import Any

from alert_bridge.domain.fields import SHOWN, Fields, kept
from alert_bridge.domain.identity import digest, event_id_of
from alert_bridge.domain.masking import quoted, shown_json
from alert_bridge.domain.source import Report, Warnings
from shared.contracts.alert import Alert

MOST_ALERTS = 20_000
"""That are taken of one delivery: more than 16 MiB hold of any real size."""
MOST_UNREADABLE = 20
"""Objects without a known field that are kept of one delivery; the others are only counted."""
LONGEST_BEGINNING = 1_000


def placed(value: Any, path: str, warnings: Warnings) -> list[tuple[str, Any]]:
    """The alerts of a list with their places, as many as are taken at once; a warning where there are more."""
    if len(value) > MOST_ALERTS:
        message = f"{path or 'body'}: holds {len(value)} alerts, and the first {MOST_ALERTS} were taken"
        warnings.add(f"{message}; send fewer at once", not_understood=True)
    prefix = f"{path}." if path else ""
    return [(f"{prefix}{number}", alert) for number, alert in enumerate(value[:MOST_ALERTS])]


class Reader:
    """Goes through the alerts of one delivery: what is no object is warned of, what has no known field is kept."""

    def __init__(self, source: str, known: tuple[str, ...], received_at: datetime, warnings: Warnings) -> None:
        self._source = source
        self._known = known
        self._received_at = received_at
        self._warnings = warnings
        self._kept = 0

    def fields_of(self, value: Any, path: str) -> Fields | None:
        """The fields of what stands at a place; none where it is no object."""
        if isinstance(value, dict):
            return Fields(value, path, self._warnings)
        message = f"{path or 'body'}: has to be an object, and was left out: {shown_json(value, SHOWN)}"
        self._warnings.add(message, not_understood=True)
        return None

    def unreadable(self, fields: Fields) -> Report | None:
        """A report that says so, where no field is known; none beyond ``MOST_UNREADABLE``, which are only counted."""
        names = ", ".join(quoted(name, SHOWN) for name in list(fields.values)[:10])
        self._warnings.add(
            f"{fields.path}: has no field that is known to /webhooks/{self._source} "
            f"({', '.join(self._known)}), so it starts nothing; its fields are: {names or 'none'}",
            not_understood=True,
        )
        self._kept += 1
        if self._kept > MOST_UNREADABLE:
            return None
        fingerprint = digest(fields.values)
        alert = Alert(
            source=self._source,
            event_id=event_id_of(self._source, fingerprint, "unreadable", None),
            fingerprint=fingerprint,
            status="unreadable",
            description=kept(shown_json(fields.values, LONGEST_BEGINNING)),
            starts_at=self._received_at,
        )
        return Report(alert, start_known=False)
