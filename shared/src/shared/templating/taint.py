"""Which names of a command may hold a value: what is assigned from a placeholder, directly or by way of others.

Only a name that is proven clean may stand in code. The order of commands does not count: an assignment anywhere does.
A mention is enough: `w=v` makes `w` suspect where `v` is, for bash computes with the variable that another names.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

HOLE = "\0"
"""Stands for a placeholder in the text that is read; no shell text can hold it otherwise."""

_OURS = r"OPSIMATE_(?:PARAM|VALUE)|OPSIMATE_\Z"
_FILLED_BY_SHELL = (
    r"\$\{?_(?!\w)|\b(?:REPLY|MAPFILE|OPTARG|PWD|OLDPWD|DIRSTACK|COPROC|BASH_COMMAND|BASH_ARGV|BASH_REMATCH)\b"
)
"""Variables that the shell itself gives a part of what it has read, run or been given."""
_LISTING = (
    r"(?:\A|[\n;&|(])[ \t]*(?:set|env|export|declare|typeset|readonly|local)[ \t]*(?=[\n;&|)]|\Z)"
    r"|\b(?:declare|typeset|export|readonly|local)[ \t]+-\w*[px]|\bprintenv\b|/environ\b"
)
"""Commands that print all variables, and with them every value."""
_POSITIONAL = re.compile(r"\$\{?[!#]?[0-9@*]")
_COUNT = re.compile(
    r"\$\((?:[^();&>\\`\n]*\|)?[ \t]*wc(?:[ \t]+-[clmw]+)*[ \t]*"
    r"(?:<[ \t]*(?:\0|\"[^\"'`\\()]*\"|[\w./$~-]+)[ \t]*)?\)"
)
"""`$(… | wc -l)`: whatever is counted, the output is a number."""


@dataclass(frozen=True)
class Binding:
    """Something that gives a name its content: a `source` text in which `HOLE` stands for what may be a value.

    A function is bound to its body, as its output may be part of it.
    """

    name: str
    source: str
    function: bool = False


@dataclass(frozen=True)
class Taint:
    """The variables and functions that may hold or print a value. An inactive one knows of placeholders only."""

    variables: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    active: bool = True

    @cached_property
    def _mention(self) -> re.Pattern[str]:
        variables, functions = "|".join(sorted(self.variables)), "|".join(map(re.escape, sorted(self.functions)))
        kinds = [HOLE, _OURS, _FILLED_BY_SHELL, _LISTING]
        kinds += [rf"(?<!\w)(?:{variables})(?!\w)"] if variables else []
        kinds += [rf"(?:\A|[\s;&|(){{}}!`])(?:{functions})(?=[\s;&|()`]|\Z)"] if functions else []
        return re.compile("|".join(kinds))

    def mentioned_in(self, source: str) -> str:
        """What in a source (see `Binding`) may hold a value, or nothing."""
        if not self.active:
            return HOLE if HOLE in source else ""
        match = self._mention.search(source)
        return match[0].strip() or "a placeholder" if match else ""

    def may_reach(self, unread: str) -> bool:
        """Whether shell text that could not be read, so that all in it may be code, has to do with a value."""
        return bool(self.active and (self.mentioned_in(unread) or _POSITIONAL.search(unread)))

    def is_count(self, source: str) -> bool:
        """Whether an expansion gives a number for certain."""
        return bool(_COUNT.fullmatch(source)) and "wc" not in self.functions


@dataclass
class Bindings:
    """All that is bound in a text and in the scripts within it."""

    found: list[Binding] = field(default_factory=list)

    def taint(self) -> Taint:
        """The names that may hold a value: the least set that is closed under assignment."""
        taint, rest = Taint(), self.found
        while True:
            suspects = [binding for binding in rest if taint.mentioned_in(binding.source)]
            if not suspects:
                return taint
            rest = [binding for binding in rest if binding not in suspects]
            taint = Taint(
                taint.variables | _names(suspects, function=False), taint.functions | _names(suspects, function=True)
            )


def _names(bindings: Iterable[Binding], *, function: bool) -> frozenset[str]:
    return frozenset(binding.name for binding in bindings if binding.function is function)


UNTAINTED = Taint(active=False)
