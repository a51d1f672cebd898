"""What a step says of its command besides the text: what the command finds, who runs it, and what is kept of it."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from shared.contracts.definition import Strict
from shared.contracts.distinct import Distinct
from shared.contracts.provider import SecretReference
from shared.contracts.values import Duration, Whole, between, in_words, whole_text

MOST_VARIABLES = 64
LONGEST_VARIABLE = 4_096
LONGEST_FOLDER = 4_096
LONGEST_STDIN = 65_536
"""In characters, placeholders as they are written."""
MOST_CAPTURED = 65_536
"""Bytes of output that a step may capture."""
MOST_BACK_WITHIN = 86_400.0

Capture = Literal["last_line", "output", "json"]
"""What later steps may read of a step: the last line of its standard output, all of it, or the JSON that it is."""

_TAKEN = frozenset({"UID", "EUID", "PPID", "BASHOPTS", "SHELLOPTS", "BASH_VERSINFO", "_"})
"""Names that bash lets nobody set."""


def _variable(name: str) -> str:
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is None:
        message = "a variable's name is made of A-Z, a-z, 0-9 and '_', and begins with no digit"
        raise ValueError(message)
    if name.startswith("OPSIMATE_") or name in _TAKEN:
        message = (
            f"'{name}' cannot be set here: {'OpsiMate sets' if name not in _TAKEN else 'the shell sets'} it itself"
        )
        raise ValueError(message)
    return name


def _text(value: object) -> object:
    """Whole numbers and truth values read as their text; of others nobody knows how they were written."""
    return ("true" if value else "false") if isinstance(value, bool) else whole_text(value)


def _without_nul(text: str) -> str:
    if "\0" in text:
        message = "cannot hold a NUL, which no command can be given"
        raise ValueError(message)
    return text


def _folder(path: str) -> str:
    if not path.startswith("/") and re.match(r"\{\{[ \t]*[A-Za-z_]", path) is None:
        message = "has to be a whole path, which begins with '/': what it would be relative to is not known"
        raise ValueError(message)
    if "\n" in path or "\0" in path:
        message = "cannot hold a line end or a NUL"
        raise ValueError(message)
    return path


Environment = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=128), AfterValidator(_variable)],
        Annotated[
            str,
            BeforeValidator(_text),
            StringConstraints(max_length=LONGEST_VARIABLE),
            AfterValidator(_without_nul),
            WithJsonSchema({"type": ["string", "integer", "boolean"], "maxLength": LONGEST_VARIABLE}),
        ],
    ],
    Field(max_length=MOST_VARIABLES),
]
"""Variables of a command by their names; the values may hold placeholders, and nothing else in them is filled in."""
WorkingDirectory = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_FOLDER), AfterValidator(_folder)]
"""The folder that a command begins in: a whole path, which may hold placeholders."""
Stdin = Annotated[str, StringConstraints(max_length=LONGEST_STDIN), AfterValidator(_without_nul)]
"""What a command finds on its standard input; it may hold placeholders."""
ExitCodes = Annotated[list[Annotated[Whole, Field(ge=0, le=255)]], Field(min_length=1, max_length=256), Distinct()]


class RunAs(Strict):
    """The other user of a provider who runs a command, by sudo."""

    user: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.@-]*$", max_length=64),
        in_words("is a user's name: letters, digits, '_', '.', '@' and '-', and the last three do not begin it"),
    ]
    password: SecretReference | None = None
    """Of the user who logs in, for sudo, where it asks for one."""


class ExpectDisconnect(Strict):
    """That a command restarts its machine, which is waited for then."""

    back_within: Annotated[Duration, between(1, MOST_BACK_WITHIN)] = 600.0
    """Seconds, from the end of the command or of its connection, after which the machine has to answer again."""
