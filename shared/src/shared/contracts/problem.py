"""What is wrong with what was sent: pydantic's findings in the words of people, and problem details (RFC 9457).

What was sent is never repeated: it may be a secret.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import Field, JsonValue

from shared.contracts.model import Documented, Model


class Fix(Documented):
    """A way out that can be taken as it stands."""

    title: Annotated[str, Field(examples=["give `used` the type integer"])]
    """What it does, as the message of the error says it."""
    changes: Annotated[dict[str, JsonValue], Field(examples=[{"parameters.1.type": "integer"}])]
    """What to write into which fields of the definition; null takes a field away."""


class FieldError(Documented):
    """What is wrong with one field, and how to mend it."""

    field: Annotated[str, Field(examples=["parameters.host"])]
    message: Annotated[str, Field(examples=["there is no provider 'web-9'; did you mean 'web-1'?"])]
    fixes: Annotated[list[Fix], Field(exclude_if=lambda fixes: not fixes)] = []
    """The ways out that the message names, where they are changes of fields; left out where there are none."""


class FieldWarning(Model):
    """What was saved as it is and may not do what is meant, and how to mend it."""

    field: Annotated[str, Field(examples=["steps.0.command"])]
    message: Annotated[str, Field(examples=["line 1, column 6: echo of sh reads backslashes in the value, …"])]


class Problem(Model):
    """``application/problem+json`` (RFC 9457)."""

    type: str = "about:blank"
    title: Annotated[str, Field(examples=["Unprocessable Content"], description="The status in words.")]
    status: Annotated[int, Field(examples=[422])]
    detail: Annotated[
        str,
        Field(
            examples=["parameters.host: there is no provider 'web-9'; did you mean 'web-1'?"],
            description="What is wrong, and what to do, in a sentence.",
        ),
    ]
    errors: Annotated[list[FieldError], Field(description="The fields that cannot be so.")] = []


_CHOICE = re.compile(r"'([^']*)'")
_SENTENCES = {
    "missing": "is required",
    "string_type": "has to be a text",
    "int_type": "has to be a whole number",
    "int_parsing": "has to be a whole number",
    "int_from_float": "has to be a whole number",
    "float_type": "has to be a number",
    "float_parsing": "has to be a number",
    "bool_type": "has to be true or false",
    "bool_parsing": "has to be true or false",
    "list_type": "has to be a list",
    "dict_type": "has to be names with their values, as {{name: value}}",
    "model_type": "has to be fields with their values, as {{field: value}}",
    "model_attributes_type": "has to be fields with their values, as {{field: value}}",
    "greater_than_equal": "has to be at least {ge}",
    "greater_than": "has to be more than {gt}",
    "less_than_equal": "has to be at most {le}",
    "less_than": "has to be less than {lt}",
    "too_short": "has to have at least {min_length} {entries}",
    "too_long": "has to have at most {max_length} {entries}",
    "string_too_short": "has to have at least {min_length} {characters}",
    "string_too_long": "has to have at most {max_length} {characters}",
    "string_pattern_mismatch": "holds a character that cannot stand here",
}
"""By the type of the finding, with what its context knows."""
_ONE = {"entries": "entry", "characters": "character"}
_MANY = {"entries": "entries", "characters": "characters"}


SURELY_NEAR = 0.7
"""From 0 to 1, as difflib has it: 'server' and 'secret' are alike by 0.67, and mean nothing of each other."""


def nearest_name(name: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """The known name that was probably meant; none where none is near."""
    return next(iter(get_close_matches(name, list(known), n=1, cutoff=likeness)), None)


def did_you_mean(name: str | None) -> str:
    """``; did you mean 'x'?``, or nothing where it is not known what was meant."""
    return "" if name is None else f"; did you mean '{name}'?"


def nearest(name: str, known: Iterable[str], *, likeness: float = 0.6) -> str:
    """``; did you mean 'x'?`` for the nearest known name, or nothing where none is near."""
    return did_you_mean(nearest_name(name, known, likeness=likeness))


def _meant(given: str, choices: Sequence[str]) -> str:
    """The choice that is meant for sure: the list stands there anyway, and a wrong guess is worse than none."""
    begun = [choice for choice in choices if choice.startswith(given)]
    return nearest(given, begun) or nearest(given, choices, likeness=SURELY_NEAR)


def sentence_of(detail: Mapping[str, Any]) -> str:
    """What is wrong with a field, to stand behind its name; the detail is one of a ``ValidationError``'s errors."""
    kind, context, given = detail["type"], detail.get("ctx") or {}, detail.get("input", ...)
    if "sentence" in context:  # told in these words already
        return str(context["sentence"])
    if kind == "literal_error":
        choices = _CHOICE.findall(context["expected"])
        meant = _meant(given, choices) if isinstance(given, str) else ""
        return f"has to be {'one of: ' if len(choices) > 1 else ''}{', '.join(choices)}{meant}"
    if isinstance(given, str) and context.get("actual_length") == len(given) and f"string_{kind}" in _SENTENCES:
        kind = f"string_{kind}"  # the text itself was measured, and no list that is made of it
    if kind not in _SENTENCES:
        message = str(detail["msg"]).removeprefix("Value error, ")
        return message[:1].lower() + message[1:]
    is_one = 1 in (context.get("min_length"), context.get("max_length"))
    units = _ONE if is_one else _MANY
    return _SENTENCES[kind].format(**context, **units) + _why(kind, given)


def _why(kind: str, given: object) -> str:
    """What kind of thing stands there instead, where that shows the fix."""
    if given is None and kind != "missing":
        return "; nothing stands here"
    if kind == "string_type" and isinstance(given, bool | int | float):
        return ": put it in quotes"
    if kind == "string_too_short" and given == "":
        return "; it is empty"
    if kind == "list_type" and isinstance(given, str | int | float):
        return ": put it in brackets, as [one, another]"
    return ""


def field_errors(details: Sequence[Any]) -> list[FieldError]:
    """Pydantic's findings as fields and sentences. Whatever was sent is not repeated: it may be a secret."""
    return [FieldError(field=field_path(detail["loc"]), message=sentence_of(detail)) for detail in details]


def field_path(location: Sequence[int | str]) -> str:
    """``("body", "steps", 2, "command")`` as ``steps.2.command``."""
    # What stands in brackets are marks: of a name in a map that cannot be so, which stands before it, or of the form
    # that a field was given in, where it may have one of several.
    parts = [str(part) for part in location if not str(part).startswith("[")]
    if parts and parts[0] == "query":  # who gives a filter several times has not numbered it
        parts = [part for part in parts[1:] if not part.isdecimal()]
    elif parts and parts[0] in {"body", "path", "header"}:
        parts = parts[1:]
    return ".".join(parts) or "body"
