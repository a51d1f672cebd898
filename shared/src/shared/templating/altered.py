"""Values that arrive altered: programs that read backslashes, or options, in what is meant as data."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from shared.templating.command import with_holes
from shared.templating.grammar import read_as_far_as_sure
from shared.templating.judge import bound_name
from shared.templating.placeholders import TemplateError
from shared.templating.syntax import Word
from shared.templating.taint import HOLE

_AWK = frozenset({"awk", "gawk", "mawk", "nawk"})
_GIVEN_TO_AWK = re.compile(rf"(?:-v|--assign=)?[A-Za-z_]\w*=.*{HOLE}", re.DOTALL)
_ECHO = "echo of sh reads backslashes in the value, and takes -n for an option: write printf '%s\\n' {{ x }}"
_ASSIGNED = 'awk reads backslashes in a value that it is given so: write ENVIRON["OPSIMATE_PARAM_x"] in its code'


class AlteredValue(NamedTuple):
    """A place of a command where the value of a parameter may not arrive as it is."""

    name: str
    message: str
    """Where, and what to write instead."""


def altered_values(template: str, shell: Literal["sh", "bash"]) -> list[AlteredValue]:
    """The places of a command that can be compiled where a text with a backslash in it may arrive as another."""
    text, offsets, placeholders = with_holes(template)
    if not placeholders:
        return []
    return [
        AlteredValue(placeholder.name, str(TemplateError.at(template, offsets[position], advice)))
        for position, message in _altered(text, shell)
        for placeholder in [placeholders[position]]
        for advice in [message.replace("{{ x }}", placeholder.text).replace("PARAM_x", f"PARAM_{placeholder.name}")]
    ]


def _altered(text: str, shell: str) -> Iterator[tuple[int, str]]:
    for command in read_as_far_as_sure(text).commands:
        words = [word for word in command.words if not bound_name(word)]
        name = words[0].literal if words else None
        if name == "echo" and shell == "sh":
            yield from ((hole, _ECHO) for hole in _holes(words))
        elif name in _AWK:
            assigned = [word for word in command.words if _GIVEN_TO_AWK.match(word.shape)]
            yield from ((hole, _ASSIGNED) for hole in _holes(assigned))


def _holes(words: list[Word]) -> list[int]:
    return [atom.start for word in words for atom in word.holes]
