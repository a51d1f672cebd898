"""What is not understood is never taken for firing: objects without a known field, and states in foreign fields."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from alert_bridge.domain.fields import SHOWN, Fields, kept
from alert_bridge.domain.identity import digest, event_id_of
from alert_bridge.domain.masking import shown
from alert_bridge.domain.source import Report, Warnings
from shared.contracts.alert import Alert

MOST_ALERTS = 20_000
"""That are taken of one delivery: more than 16 MiB hold of any real size."""
MOST_UNREADABLE = 20
"""Objects without a known field that are kept of one delivery; the others are only counted."""
LONGEST_BEGINNING = 1_000
DEEPEST = 4
"""Levels of objects within objects that are searched for a foreign state."""
MOST_SEARCHED = 500
"""Fields that are searched for a foreign state."""

_STATE_WORDS = frozenset(
    (
        *("state", "status", "action", "transition", "condition", "value", "type", "event", "kind", "phase", "outcome"),
        *("result", "active", "firing", "alerting", "triggered", "trigger", "resolved", "resolve", "recovered"),
        *("recovery", "closed", "acknowledged", "success", "failure", "ok", "up", "down"),
    )
)
"""A field that is not ours and whose name has one of these words may say whether the alert fires."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
STATE_HEADERS = ("ce-type", "sentry-hook-resource", "x-amz-sns-message-type")
"""Headers in which senders say what their body is about."""


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
        message = f"{path or 'body'}: has to be an object, and was left out: {text_beginning(value, SHOWN)}"
        self._warnings.add(message, not_understood=True)
        return None

    def unreadable(self, fields: Fields) -> Report | None:
        """A report that says so, where no field is known; none beyond ``MOST_UNREADABLE``, which are only counted."""
        names = ", ".join(kept(name)[:SHOWN] for name in list(fields.values)[:10])
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
            description=kept(text_beginning(fields.values, LONGEST_BEGINNING)),
            starts_at=self._received_at,
        )
        return Report(alert, start_known=False)


def text_beginning(value: Any, longest: int) -> str:
    """The beginning of a JSON value, without what looks like a secret."""
    return shown(json.dumps(value, ensure_ascii=False), longest)


def foreign_state(fields: Fields, ours: tuple[str, ...]) -> str | None:
    """The first field that is not ours and may say whether the alert fires, with its path; none where there is none."""
    for number, path in enumerate(_foreign(fields.values, ours, "", DEEPEST)):
        name = path.rpartition(".")[2]
        if number >= MOST_SEARCHED:
            return None
        if not _STATE_WORDS.isdisjoint(word.lower() for word in _WORDS.findall(name)):
            return path
    return None


def _foreign(values: Mapping[str, Any], ours: tuple[str, ...], path: str, levels: int) -> Iterator[str]:
    """The paths of fields that are not ours: those of this object first, then those within them."""
    others = {name: value for name, value in values.items() if name not in ours and value is not None}
    for name in others:
        yield f"{path}{name}"
    for name, value in others.items() if levels else ():
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, dict):
            yield from _foreign(inner, (), f"{path}{name}.", levels - 1)
