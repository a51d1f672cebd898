"""The small values that everything else is made of: names, titles, numbers, durations, instants."""

import re
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    PlainSerializer,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
)

NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]*$"
NAME_LENGTH = 63

SECONDS_OF_UNIT = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd])")


def is_name(text: str) -> bool:
    """Whether a definition may be called so."""
    return len(text) <= NAME_LENGTH and re.fullmatch(NAME_PATTERN, text) is not None


def _name(value: str) -> str:
    if not is_name(value):
        message = (
            "a name is made of a-z, 0-9, '.', '_' and '-', begins with a letter or digit "
            f"and has at most {NAME_LENGTH} characters"
        )
        raise ValueError(message)
    return value


Name = Annotated[
    str,
    AfterValidator(_name),
    WithJsonSchema({"type": "string", "pattern": NAME_PATTERN, "maxLength": NAME_LENGTH}),
]
"""The key of a definition, unique among its kind."""

_LINE_END = re.compile(r"\r+\n|\r")
_CRLF = re.compile(r"\r+(?:\n|\Z)")


def line_feeds(text: str) -> str:
    """The text with LF as its only line end; CRLF and a lone CR are line ends, too, as YAML has it."""
    return _LINE_END.sub("\n", text)


def shell_line_feeds(text: str) -> str:
    """Shell text with LF as its line end, where another stands for sure: CRLF, a CR at the very end, and every CR of
    a text that knows no LF and ends with one. Any other CR stays: it may be part of a word.
    """
    if "\n" not in text and text.endswith("\r"):
        return line_feeds(text)
    return _CRLF.sub("\n", text)


def in_words(sentence: str) -> WrapValidator:
    """What is said of a text that does not match its pattern, instead of the pattern."""

    def check(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        try:
            return handler(value)
        except ValidationError as error:
            if error.errors(include_input=False)[0]["type"] == "string_pattern_mismatch":
                raise ValueError(sentence) from None
            raise

    return WrapValidator(check)


_BREAK = re.compile(r"\s*[\t\n\r]\s*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f]")
"""Control characters but for tabs and line breaks, of which U+0085 is one."""


def on_one_line(text: str) -> str:
    """The text with a blank for each line break, as YAML's folded texts end with one."""
    return _BREAK.sub(" ", text).strip() if _BREAK.search(text) else text


def readable_text(text: str) -> str:
    """The text itself; ``ValueError`` for one with characters that no reader sees, and terminals act on."""
    if (found := _CONTROL.search(text)) is not None:
        message = (
            f"holds a control character (U+{ord(found[0]):04X}, its character {found.start() + 1}), which is no text: "
            "leave it out"
        )
        raise ValueError(message)
    return text


LONGEST_TITLE = 200
Title = Annotated[str, StringConstraints(max_length=LONGEST_TITLE), AfterValidator(on_one_line)]
Description = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(line_feeds)]

LONGEST_EXPRESSION = 2_000
Expression = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_EXPRESSION)]
"""A condition in CEL of so many characters at most; whether it is one is checked when what has it is saved."""


def _whole(value: Any) -> Any:
    # pydantic takes true for 1, and 1_0 for 10.
    if isinstance(value, bool):
        message = "has to be a whole number, not true or false"
        raise ValueError(message)  # noqa: TRY004 - one class for whatever a person has to mend
    if isinstance(value, str) and re.fullmatch("-?[0-9]{1,19}", value) is None:
        message = "has to be a whole number"
        raise ValueError(message)
    return value


Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number, which may be written in quotes."""

IN_QUOTES = "write a number that is not whole in quotes, so that it stays as it is written"


def whole_text(value: object) -> object:
    """A whole number as its text, and what is no number as it is; ``ValueError`` for any other number: nobody knows how
    it was written.
    """
    if isinstance(value, float):
        raise ValueError(IN_QUOTES)  # noqa: TRY004 - one class for whatever a person has to mend
    return str(value) if isinstance(value, int) else value


_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def flag(value: Any) -> Any:
    """True or false, also where YAML had a word for it; ``ValueError`` for all else, a number included."""
    found = _FLAGS.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        message = "has to be true or false"
        raise ValueError(message)  # noqa: TRY004 - one class for whatever a person has to mend
    return found


Flag = Annotated[bool, BeforeValidator(flag)]
"""True or false, or a word that YAML had for them: ``yes`` and ``no``, ``on`` and ``off``; a number is none."""

LEAST_INTEGER, MOST_INTEGER = -(2**63), 2**63 - 1
"""What 64 bits hold, and so every store."""


def storable_number(number: float) -> int | float:
    """The number itself; ``ValueError`` for one that no store keeps as it is."""
    if isinstance(number, int):
        if not LEAST_INTEGER <= number <= MOST_INTEGER:
            message = f"an integer lies between {LEAST_INTEGER} and {MOST_INTEGER}, which is what 64 bits hold"
            raise ValueError(message)
    elif not isfinite(number):
        message = "has to be a finite number"
        raise ValueError(message)
    return number


def seconds_of(duration: Any) -> float:
    """A duration as seconds: a number, or ``30s``, ``5m``, ``2h``, ``1d`` and their sums such as ``1h30m``."""
    if isinstance(duration, int | float) and not isinstance(duration, bool):
        seconds = _float(duration)
    elif isinstance(duration, str) and (parts := _DURATION.findall(duration)) and _DURATION.sub("", duration) == "":
        seconds = sum(float(number) * SECONDS_OF_UNIT[unit] for number, unit in parts)
    else:
        message = "a duration is a number of seconds, or one like 30s, 5m, 2h, 1d"
        raise ValueError(message)
    if not 0 <= seconds < float("inf"):
        message = "a duration cannot be negative or endless"
        raise ValueError(message)
    return seconds


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf")  # more digits than a float holds are as good as endless


def duration_text(seconds: float) -> str:
    """A duration for people: ``1h30m``, ``45s``, ``0.25s``."""
    rest, text = seconds, ""
    for unit in "dhm":
        count, rest = divmod(rest, SECONDS_OF_UNIT[unit])
        text += f"{int(count)}{unit}" if count else ""
    return text + (f"{round(rest, 3):g}s" if rest or not text else "")


Duration = Annotated[
    float,
    BeforeValidator(seconds_of),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "string", "examples": ["30s", "5m", "2h", "1d"]},
            ]
        }
    ),
]
"""A length of time in seconds, written as a number or as ``30s``, ``5m``, ``2h``, ``1d``."""


def between(least: float, most: float) -> AfterValidator:
    """Limits of a duration, in seconds; what lies outside is told with its unit, which a bare number does not show."""

    def check(seconds: float) -> float:
        if seconds < least:
            message = f"has to be at least {least:g} second{'' if least == 1 else 's'}"
            raise ValueError(message)
        if seconds > most:
            message = f"has to be at most {most:.0f} seconds ({duration_text(most)})"
            raise ValueError(message)
        return seconds

    return AfterValidator(check)


@lru_cache(maxsize=1_000)
def instant_text(instant: datetime) -> str:
    """An instant in UTC as RFC 3339 with milliseconds, always of one length, so that texts sort as instants do."""
    utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[:-6] + "Z"


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        message = "an instant needs its offset, as in 2026-01-31T12:00:00Z"
        raise ValueError(message)
    if instant.tzinfo is UTC:
        return instant
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        message = "an instant has to lie between the years 1 and 9999 in UTC too"
        raise ValueError(message) from error


Instant = Annotated[
    datetime,
    AfterValidator(_aware),
    PlainSerializer(instant_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""A point in time, in UTC."""

_WRITTEN_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d.*", re.ASCII)


def _written(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        message = "is missing: write an instant, as in 2026-01-31T12:00:00Z"
        raise ValueError(message)
    if not isinstance(value, datetime) and not (isinstance(value, str) and _WRITTEN_INSTANT.fullmatch(value)):
        message = "an instant is written as RFC 3339 has it, as in 2026-01-31T12:00:00Z"
        raise ValueError(message)
    return value


WrittenInstant = Annotated[Instant, BeforeValidator(_written, json_schema_input_type=datetime)]
"""An instant as somebody wrote it: a bare number, which could count anything since anywhen, is none."""
