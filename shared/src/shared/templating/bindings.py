"""What gives a name its content: assignments, loops, functions, and commands that read into variables."""

import re
from collections.abc import Iterator
from posixpath import basename

from shared.templating.options import text_of
from shared.templating.programs import FOREIGN_SHELLS, INTERPRETERS, SHELLS, SUBSTITUTE_USER
from shared.templating.syntax import Command, Reading
from shared.templating.taint import HOLE, Binding

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[[^\]]*\])?\+?=")
_NAME = re.compile(r"(?:-v)?([A-Za-z_]\w*)(?:\[.*)?", re.DOTALL)
_FILLERS = frozenset({"read", "mapfile", "readarray", "getopts"})
"""Commands that fill the variables they name with what they read."""
_FILLING_OPTIONS = {"printf": re.compile("-v.*"), "wait": re.compile(r"-\w*p.*")}
_RUNS_ARGUMENTS = frozenset({*SHELLS, *FOREIGN_SHELLS, *INTERPRETERS, *SUBSTITUTE_USER}) | frozenset(
    {"eval", "trap", "let", "source", ".", "ssh", "find", "watch", "parallel", "exec", "jobs", "read", "printf", "["}
)
_WORD = re.compile(r"[\w./[-]+")


def bindings_of(reading: Reading) -> list[Binding]:
    """All bindings of a text, but for those in scripts inside it."""
    found = [Binding(name, reading.source(at.start, at.stop)) for name, at in reading.bound]
    found += [Binding(name, reading.source(at.start, at.stop), function=True) for name, at in reading.functions]
    for command in reading.commands:
        for word in command.words:
            if match := _ASSIGNMENT.match(text_of(word)):
                source = reading.source(word.start + len(match[1]), word.end)
                found.append(Binding(match[1], HOLE if _names_a_runner(source) else source))
        found += [Binding(name, HOLE) for name in _filled(command)]
    return found


def _names_a_runner(source: str) -> bool:
    """Whether what is assigned may be the name of a program that takes its arguments for code: `c=eval; $c …`."""
    substituted = "$(" in source or "`" in source
    return not substituted and any(basename(word) in _RUNS_ARGUMENTS for word in _WORD.findall(source))


def _filled(command: Command) -> Iterator[str]:
    """The names in a command that reads into variables; a few words that are no names may be among them."""
    literals = [word.literal or "" for word in command.words]
    for position, literal in enumerate(literals):
        if literal in _FILLERS:
            names = literals[position + 1 :]
        elif option := _FILLING_OPTIONS.get(literal):
            behind = literals[position + 1 : position + 3]
            names = behind if any(map(option.fullmatch, behind[:1])) else []
        else:
            continue
        yield from (match[1] for name in names if (match := _NAME.fullmatch(name)))
