"""Whether the texts of a definition are texts: characters that nobody sees, and that terminals act on, are none. Pure.

It is asked when a definition is written, and not when a stored one is read, which an earlier release may have taken.
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, SecretStr

from shared.contracts.definition import Definition
from shared.contracts.problem import FieldError
from shared.contracts.values import readable_text

TextKind = Literal["line", "paragraphs", "data"]
"""One line; several; or what is no text for people, and may hold anything but a NUL, which nothing can be given."""

_KINDS: dict[tuple[str, str], TextKind] = {
    ("", "description"): "paragraphs",
    ("SshConnection", "host_ca"): "paragraphs",
    ("ActionDefinition", "condition"): "data",
    ("Step", "when"): "data",
    ("Step", "command"): "data",
    ("Step", "environment"): "data",
    ("Step", "stdin"): "data",
    ("Parameter", "default"): "data",
    ("Parameter", "pattern"): "data",
    ("Parameter", "options"): "data",
    ("SecretDefinition", "value"): "data",
    ("RuleMatch", "labels"): "data",
    ("RuleMatch", "when"): "data",
    ("TextMatch", "equals"): "data",
    ("TextMatch", "one_of"): "data",
    ("TextMatch", "regex"): "data",
    ("Response", "parameters"): "data",
    ("Response", "defaults"): "data",
    ("OwnRule", "parameters"): "data",
    ("OwnRule", "defaults"): "data",
    ("ScheduleDefinition", "parameters"): "data",
    ("ScheduleSettings", "parameters"): "data",
}
"""Of fields, by the class that has them, or by their name alone; any other text is one line."""


def check_texts(definition: Definition) -> Iterator[FieldError]:
    """What is wrong with the texts of a definition, each on its field."""
    yield from _of_model(definition, "")


def _of_model(model: BaseModel, before: str) -> Iterator[FieldError]:
    owner = type(model).__name__
    for name, field in type(model).model_fields.items():
        kind = _KINDS.get((owner, name)) or _KINDS.get(("", name)) or "line"
        yield from _of_value(getattr(model, name), f"{before}{field.alias or name}", kind)


def _of_value(value: object, field: str, kind: TextKind) -> Iterator[FieldError]:
    match value:
        case BaseModel():
            yield from _of_model(value, f"{field}.")
        case dict():
            for name, one in value.items():
                yield from _of_value(name, field, kind)
                yield from _of_value(one, f"{field}.{name}", kind)
        case list():
            for index, one in enumerate(value):
                yield from _of_value(one, f"{field}.{index}", kind)
        case str() | SecretStr():
            text = value if isinstance(value, str) else value.get_secret_value()
            if message := _what_is_wrong(text, kind):
                yield FieldError(field=field, message=message)


def _what_is_wrong(text: str, kind: TextKind) -> str:
    if kind == "data":
        return "holds a NUL, which no command can be given, and no log-in" if "\0" in text else ""
    try:
        readable_text(text)
    except ValueError as error:
        return str(error)
    if kind == "line" and ("\n" in text or "\t" in text):
        return "is one line, and holds a line break or a tab: write a blank instead"
    return ""
