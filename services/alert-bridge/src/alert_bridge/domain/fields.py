"""Reading the fields of a sender's JSON object: one that cannot be read costs that field, and nothing else."""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any, NamedTuple

from alert_bridge.domain.source import Warnings
from shared.redaction import quoted

LONGEST_NAME = 200
LONGEST_LABEL = 4_096
LONGEST_TEXT = 10_000
LONGEST_LINE = 500
LONGEST_ADDRESS = 2_048
"""In characters; what is longer is cut, and ends with ``CUT``."""
CUT = "… [cut]"
MOST_NAMES = 200
"""Labels, and annotations, that are kept of one alert: with all of the longest values, a document holds it."""
SHOWN = 60
"""Characters of a value that a warning repeats."""

CLOCKS_DIFFER_BY = timedelta(minutes=5)
"""A start or an end that lies further ahead was written by a wrong clock."""

_LEFT_BY_TEMPLATE = re.compile(
    r"(?i:^(?:null|nil|none|undefined|n/a|nan|-+|0(?:\.0*)?|true|false)?$)"
    r"|(?i:[<\[]no value[>\]])|\{\{|\}\}|\$\{|\$[A-Z][A-Z0-9_]{2,}|\{[A-Z][A-Z0-9_.]*\}|^%\w+%$|^\*UNKNOWN\*$"
)
_WHOLE_PLACEHOLDER = re.compile(
    r"\$[A-Z][A-Z0-9_]*\$?|\{[A-Z][A-Z0-9_.]*\}|\[[A-Z][A-Z_]*\]|\$\{[\w.]+\}|\{\{[^{}]*\}\}|\*UNKNOWN\*"
)
"""A text that is nothing but the placeholder that a sender did not fill."""
"""What stands where a value should: nothing, words for nothing, and placeholders of usual templates."""
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

    ``path`` says where the object stands in the body, ``warnings`` takes a sentence for everything that was cut or
    could not be read.
    """

    def __init__(self, values: Mapping[str, Any], path: str, warnings: Warnings) -> None:
        self.values = values
        self._path = path
        self._warnings = warnings

    @property
    def path(self) -> str:
        """Where the object stands in the body."""
        return self._path or "body"

    def path_of(self, name: str) -> str:
        """Where a field stands in the body."""
        return kept(f"{self._path}.{name}" if self._path else name)[:LONGEST_NAME]

    def warn(self, name: str, sentence: str, *, not_understood: bool = False) -> None:
        """Say something about a field."""
        self._warnings.add(f"{self.path_of(name)}: {sentence}", not_understood=not_understood)

    def has_any(self, names: Iterable[str]) -> bool:
        """Whether one of these fields is there and not null."""
        return any(self.values.get(name) is not None for name in names)

    def value(self, name: str) -> Any:
        """The field as it is; None where it is missing."""
        return self.values.get(name)

    def text(self, name: str, longest: int = LONGEST_LINE) -> str:
        """The field as text, empty where it is missing."""
        value = self.values.get(name)
        if isinstance(value, dict | list):
            self.warn(name, "has to be a text, and was taken as not given")
            return ""
        return self._short(text_of(value), longest, name)

    def inner(self, path: str) -> "Fields":
        """The object within, by its name or a path of names with dots; without fields where there is none."""
        fields = self
        for name in path.split(".") if path else ():
            value = fields.values.get(name)
            if value is not None and not isinstance(value, dict):
                fields.warn(name, "has to be an object, and was taken as not given")
            fields = Fields(value if isinstance(value, dict) else {}, fields.path_of(name), self._warnings)
        return fields

    def filled(self, name: str, longest: int = LONGEST_LINE) -> str:
        """The field as text; empty, too, where a sender left its placeholder unfilled."""
        value = self.values.get(name)
        is_placeholder = isinstance(value, str) and _WHOLE_PLACEHOLDER.fullmatch(value.strip())
        return "" if is_placeholder else self.text(name, longest)

    def key(self, name: str) -> str:
        """The field as a name of something, whole; empty, with a warning, where a template left it without a value."""
        value = self.values.get(name)
        if isinstance(value, dict | list):
            return self.text(name)
        text = text_of(value)
        if text and (isinstance(value, bool) or value == 0 or _LEFT_BY_TEMPLATE.search(text.strip())):
            sentence = f"'{quoted(value, SHOWN)}' is what a template leaves where it has no value: taken as not given"
            self.warn(name, sentence)
            return ""
        return text

    def whole_texts(self, name: str) -> dict[str, str]:
        """The field as a map of texts, of which nothing is cut and nothing warned."""
        values = self.values.get(name)
        given = values.items() if isinstance(values, dict) else ()
        return {kept(key): text_of(value) for key, value in given if value is not None}

    def texts(self, name: str, longest: int = LONGEST_LABEL) -> dict[str, str]:
        """The field as a map of texts, such as labels; empty where it is missing, without what is null in it."""
        values = self.values.get(name)
        if values is None:
            return {}
        if not isinstance(values, dict):
            self.warn(name, "has to be an object of names and texts, and was taken as not given")
            return {}
        given = {key: value for key, value in values.items() if value is not None}
        return self.short_texts(given, name, longest)

    def short_texts(self, given: Mapping[str, Any], name: str, longest: int = LONGEST_LABEL) -> dict[str, str]:
        """Names and texts that this object told, such as labels, as many and as long as are kept."""
        if len(given) > MOST_NAMES:
            self.warn(name, f"has {len(given)} names, and the first {MOST_NAMES} are kept")
        return {
            self._short(kept(key), LONGEST_NAME, name): self._short(text_of(value), longest, f"{name}.{key}")
            for key, value in islice(given.items(), MOST_NAMES)
        }

    def instant(self, name: str, *, in_utc: bool = False) -> datetime | None:
        """The field as an instant; none where it is missing, not set or not to be read.

        ``in_utc`` says that a sender writes UTC and names no zone.
        """
        value = self.values.get(name)
        try:
            written = instant_of(value)
        except ValueError as error:
            self.warn(name, f"'{quoted(value, SHOWN)}' was taken as not given: {error}")
            return None
        if not written.zone_named and not in_utc:
            self.warn(name, f"'{quoted(value, SHOWN)}' names no time zone, and was taken as UTC")
        return written.at

    def past_instant(self, name: str, now: datetime, *, in_utc: bool = False) -> datetime | None:
        """The field as an instant that has come: none, with a warning, where it lies ahead of our clock."""
        return self.unless_ahead(name, self.instant(name, in_utc=in_utc), now)

    def unless_ahead(self, name: str, at: datetime | None, now: datetime) -> datetime | None:
        """The instant that the field is, where it has come."""
        if at is None or at <= now + CLOCKS_DIFFER_BY:
            return at
        self.warn(
            name,
            f"'{quoted(self.values.get(name), SHOWN)}' lies ahead and was taken as not given: the sender's clock is "
            "wrong, or it wrote its local time without naming the zone",
        )
        return None

    def _short(self, text: str, longest: int, name: str) -> str:
        if len(text) <= longest:
            return text
        self._warnings.add(f"{self.path_of(name)} has {len(text)} characters and was cut: {longest} are kept")
        return text[: longest - len(CUT)] + CUT


EPOCH_UNITS = ((1e11, 1), (1e14, 1e3), (1e17, 1e6), (math.inf, 1e9))
"""Numbers below each bound count seconds, milliseconds, microseconds, nanoseconds since 1970."""
_NUMBER = re.compile(r"\d{9,}(\.\d+)?|0")
ZERO_YEAR = 1
"""Go writes an instant that is not set as the first moment of this year."""

EXPECTED = "an instant is expected, as RFC 3339 (2026-01-31T12:00:00Z) or as seconds or milliseconds since 1970"

_GO = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) ([+-]\d{4})(?: [A-Z+-][A-Z0-9+-]*)?(?: m=[+-][\d.]+)?")
"""How Go prints a time: ``2026-11-28 15:05:39.754 +0000 UTC``."""
_DOTTED = re.compile(r"(\d{4})\.(\d\d)\.(\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)")
"""How Zabbix writes date and time: ``2026.11.28 15:05:39``."""
_WITH_WEEKDAY = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} [A-Z][a-z]{2} \d{4} .*")
"""RFC 2822: ``Sat, 31 Jan 2026 12:00:00 GMT``."""


class ReadInstant(NamedTuple):
    """What a sender's text or number means."""

    at: datetime | None
    """In UTC to the millisecond; none where it means none."""
    zone_named: bool = True
    """Whether it said its offset from UTC; where it did not, it was taken as UTC."""


def instant_of(value: object) -> ReadInstant:
    """The instant that a sender means.

    Texts are RFC 3339, RFC 2822, written as Go or Zabbix do, or hold a number; numbers count from 1970 in the unit
    that their size shows. ``ValueError`` for anything else.
    """
    if isinstance(value, str):
        value = value.strip()
        value = float(value) if _NUMBER.fullmatch(value) else value
    if value is None or value in ("", 0):
        return ReadInstant(None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return ReadInstant(_to_millisecond(_of_epoch(value)))
    if not isinstance(value, str):
        raise ValueError(EXPECTED)  # noqa: TRY004 - what somebody sent is wrong, not our program
    try:
        return _of_text(value)
    except (ValueError, OverflowError, IndexError) as error:
        raise ValueError(EXPECTED) from error


def _of_epoch(number: float) -> datetime:
    try:
        unit = next(unit for bound, unit in EPOCH_UNITS if 0 < number < bound)
        return datetime.fromtimestamp(number / unit, UTC)
    except (StopIteration, ValueError, OverflowError, OSError) as error:
        raise ValueError(EXPECTED) from error


def _of_text(text: str) -> ReadInstant:
    read: Callable[[str], datetime] = datetime.fromisoformat
    if go := _GO.fullmatch(text):
        text = f"{go[1]}{go[2]}"
    elif dotted := _DOTTED.fullmatch(text):
        text = "{}-{}-{} {}".format(*dotted.groups())
    elif _WITH_WEEKDAY.fullmatch(text):
        read = parsedate_to_datetime
    instant = read(text)
    if instant.year == ZERO_YEAR:
        return ReadInstant(None)
    if instant.tzinfo is None:
        return ReadInstant(_to_millisecond(instant.replace(tzinfo=UTC)), zone_named=False)
    return ReadInstant(_to_millisecond(instant.astimezone(UTC)))


def _to_millisecond(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
