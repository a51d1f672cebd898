"""The exported shell variables in which values travel to a command."""

import re
from collections.abc import Mapping

from shared.placeholders import PLACEHOLDER_NAME

_NAME = re.compile(PLACEHOLDER_NAME)
_ESCAPES = str.maketrans({".": "__", "_": "_1", "-": "_2"})


def variable_name(name: str) -> str:
    """The shell variable that carries the value of `{{ name }}`.

    A parameter keeps its name (`service` -> `OPSIMATE_PARAM_service`). A dotted name is spelt so that no two
    collide (`alert.labels.instance` -> `OPSIMATE_VALUE_alert__labels__instance`).
    Raises `ValueError` for what cannot stand between double braces.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a name that a placeholder can have")
    if "." in name:
        return f"OPSIMATE_VALUE_{name.translate(_ESCAPES)}"
    return f"OPSIMATE_PARAM_{name}"


def single_quoted(value: str) -> str:
    """The value as one word of any POSIX shell, every character of it literal."""
    return "'" + value.replace("'", "'\\''") + "'"


def prelude(values: Mapping[str, str]) -> str:
    """Shell text that sets and exports the variable of every value, to stand before a compiled command: on the same
    line, so that the numbers of lines in a shell's messages are those of the command.

    Raises `ValueError` for a NUL character, which no shell variable can hold. The environment has limits of its
    own (`shared.contracts.parameter`): the values are bound to them before they come here.
    """
    for name, value in values.items():
        if "\0" in value:
            raise ValueError(f"the value of {name!r} holds a NUL character, which no command can receive")
    return "".join(f"export {variable_name(name)}={single_quoted(value)};" for name, value in values.items())
