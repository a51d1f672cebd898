"""Reading the fields of a sender's JSON object: forgiving about types and length, exact about what cannot be."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alert_bridge.domain.instants import instant_of
from alert_bridge.domain.source import MalformedPayloadError

MOST_ALERTS = 1_000
"""In one delivery."""

LONGEST_NAME = 200
LONGEST_LABEL = 4_096
LONGEST_TEXT = 10_000
LONGEST_LINE = 500
LONGEST_ADDRESS = 2_048
"""In characters; what is longer is cut, and ends with ``CUT``."""
CUT = "… [cut]"

_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


def kept(text: str) -> str:
    """The text with U+FFFD for what no store keeps: NUL, and halves of surrogate pairs."""
    return _UNKEEPABLE.sub("\ufffd", text)


def text_of(value: Any) -> str:
    """A JSON value as text: texts are themselves, null is empty, all else is its JSON."""
    if isinstance(value, str):
        return kept(value)
    return "" if value is None else kept(json.dumps(value, ensure_ascii=False))


class Fields:
    """The fields of one JSON object.

    ``path`` says where the object stands in the body, ``warnings`` takes a sentence for everything that was cut.
    """

    def __init__(self, value: Any, path: str, warnings: list[str]) -> None:
        if not isinstance(value, dict):
            raise MalformedPayloadError(path or "body", "has to be an object")
        self._values: Mapping[str, Any] = value
        self._path = path
        self._warnings = warnings

    def path_of(self, name: str) -> str:
        """Where a field stands in the body."""
        return f"{self._path}.{name}" if self._path else name

    def value(self, name: str) -> Any:
        """The field as it is; None where it is missing."""
        return self._values.get(name)

    def text(self, name: str, longest: int = LONGEST_LINE) -> str:
        """The field as text, empty where it is missing."""
        value = self._values.get(name)
        if isinstance(value, dict | list):
            raise MalformedPayloadError(self.path_of(name), "has to be a text")
        return self._short(text_of(value), longest, name)

    def texts(self, name: str, longest: int = LONGEST_LABEL) -> dict[str, str]:
        """The field as a map of texts, such as labels; empty where it is missing, without what is null in it."""
        values = self._values.get(name)
        if values is None:
            return {}
        if not isinstance(values, dict):
            raise MalformedPayloadError(self.path_of(name), "has to be an object of names and texts")
        return {
            self._short(kept(key), LONGEST_NAME, name): self._short(text_of(value), longest, f"{name}.{key}")
            for key, value in values.items()
            if value is not None
        }

    def instant(self, name: str) -> datetime | None:
        """The field as an instant; none where it is missing or not set."""
        try:
            return instant_of(self._values.get(name))
        except ValueError as error:
            raise MalformedPayloadError(self.path_of(name), str(error)) from error

    def _short(self, text: str, longest: int, name: str) -> str:
        if len(text) <= longest:
            return text
        field = kept(self.path_of(name))[:LONGEST_NAME]
        self._warnings.append(f"{field} has {len(text)} characters and was cut: {longest} are kept")
        return text[: longest - len(CUT)] + CUT


def alerts_in(value: Any, path: str) -> list[Any]:
    """The value as a list of alerts; ``MalformedPayloadError`` where it is none, or too long to be taken at once."""
    if not isinstance(value, list):
        raise MalformedPayloadError(path, "has to be a list of alerts")
    if len(value) > MOST_ALERTS:
        message = f"holds {len(value)} alerts, {MOST_ALERTS} are the most that are taken at once; send them in several"
        raise MalformedPayloadError(path, message)
    return value
