"""YAML as definitions need it: the core schema of YAML 1.2, no key twice, and a line for every value.

PyYAML's own loaders read YAML 1.1, where ``no`` is false, ``22:30`` is 1350 and ``2026-01-31`` is a date.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from catalog.domain.source_error import SourceError

MOST_VALUES = 500_000
"""In one document, aliases counted as often as they are used."""
MOST_NODES = 1_000_000
"""Keys and values in all texts that are read together, each alias once: they take a kilobyte and microseconds each."""
DEEPEST = 100
"""How many lists and mappings may stand within each other; no definition needs a tenth of it."""

# The loader written in C is many times faster, and not every installation of PyYAML has it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _CoreLoader(_Loader):  # type: ignore[misc]
    """Composes nodes with the tags of the core schema."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, _pattern, _first in (
    ("null", r"(?:null|Null|NULL|~|)", ["n", "N", "~", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)", list("tTfF")),
    ("int", r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+0123456789.")),
):
    _CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"^{_pattern}$"), _first)


class YamlError(SourceError):
    """The text is no YAML that a definition can be written in; the message begins with where."""


@dataclass
class NodeBudget:
    """How many keys and values may still be read, in all texts together."""

    most: int = field(default_factory=lambda: MOST_NODES)
    left: int = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.most


def documents(text: str, source: str, budget: NodeBudget | None = None) -> Iterator[yaml.Node]:
    """The documents of a text as trees of nodes; ``YamlError``, where the text is too large for that before any."""
    loader = _CoreLoader(text)
    try:
        _refuse_size(text, source, budget or NodeBudget())
        while loader.check_node():
            yield loader.get_node()
    except yaml.MarkedYAMLError as error:
        raise YamlError(_complaint(error, text, source)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"{source}:{line}: the character U+{ord(text[error.position]):04X} cannot stand in YAML"
        raise YamlError(message) from error
    finally:
        loader.dispose()


def _complaint(error: yaml.MarkedYAMLError, text: str, source: str) -> str:
    problem = " ".join(part for part in (error.problem or "not YAML", error.context) if part)
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return f"{source}: {problem}"
    advised = advice(text, mark.line, mark.column, problem)
    return f"{source}:{mark.line + 1}:{mark.column + 1}: {f'{advised} ({problem})' if advised else problem}"


def _refuse_size(text: str, source: str, budget: NodeBudget) -> None:
    """Composing nodes takes many times as long as reading events, and recurses, in C without a limit.

    Reading events does not, so depth and number are found there.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.NodeEvent):
            budget.left -= 1
            if budget.left < 0:
                message = f"more than {budget.most} keys and values are too much to read at once; do it in parts"
                mark: Any = event.start_mark
                raise YamlError(f"{source}:{mark.line + 1}: {message}")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _nested_too_deep(event.start_mark, source)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _nested_too_deep(mark: Any, source: str) -> YamlError:
    place = f"{source}:{mark.line + 1}:{mark.column + 1}"
    return YamlError(f"{place}: nested too deep: at most {DEEPEST} lists and mappings may stand within each other")


def value_of(node: yaml.Node, source: str) -> Any:
    """The value that a tree of nodes stands for."""
    return _Reading(source).value(node, frozenset())


class _Reading:
    def __init__(self, source: str) -> None:
        self._source = source
        self._count = 0

    def value(self, node: yaml.Node, within: frozenset[int]) -> Any:
        self._count += 1
        if id(node) in within or self._count > MOST_VALUES:
            raise self._error(node, "an alias that repeats itself without end")
        if len(within) >= DEEPEST and isinstance(node, yaml.CollectionNode):  # by aliases of aliases
            raise _nested_too_deep(node.start_mark, self._source)
        within |= {id(node)}
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, within)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, within) for item in node.value]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, within: frozenset[int]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, item in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._error(key, _key_advice(key))
            if key.value in found:
                raise self._error(key, f"'{key.value}' stands here twice, the first time in line {lines[key.value]}")
            lines[key.value] = key.start_mark.line + 1
            found[key.value] = self.value(item, within)
        return found

    def _scalar(self, node: yaml.Node) -> Any:
        text = str(node.value)
        match node.tag.removeprefix("tag:yaml.org,2002:"):
            case "str":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return self._integer(node, text)
            case "float":
                return float(text)
        raise self._error(node, f"the tag {node.tag} means nothing here")

    def _integer(self, node: yaml.Node, text: str) -> int:
        try:
            return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
        except ValueError as error:  # thousands of digits
            raise self._error(node, "a number too long to be one; put quotes round what is a text") from error

    def _error(self, node: yaml.Node, message: str) -> YamlError:
        return YamlError(f"{self._source}:{node.start_mark.line + 1}:{node.start_mark.column + 1}: {message}")


KEY_IN_QUOTES = "a key has to be a text; put quotes round what begins with { or ["


def _key_advice(key: yaml.Node) -> str:
    """What to write instead of a list or mapping where a key belongs: mostly it is a placeholder without its quotes."""
    if isinstance(key, yaml.MappingNode) and len(key.value) == 1 and key.value[0][1].value == "":
        return f'{KEY_IN_QUOTES}, as in "{{{{ {key.value[0][0].value} }}}}"'
    return KEY_IN_QUOTES


def line_of(node: yaml.Node, field: str) -> int:
    """The line, from 1, of a field such as ``steps.2.command``, or of what comes nearest to it."""
    line, rest = node.start_mark.line + 1, field.split(".")
    while rest:
        found = _below(node, rest)
        if found is None:
            break
        line, node, taken = found
        rest = rest[taken:]
    return int(line)


def _below(node: yaml.Node, path: Sequence[str]) -> tuple[int, yaml.Node, int] | None:
    """The line and the node that the path leads to next, and how many of its parts lead there."""
    if isinstance(node, yaml.SequenceNode) and path[0].isdigit() and int(path[0]) < len(node.value):
        item = node.value[int(path[0])]
        return item.start_mark.line + 1, item, 1
    if isinstance(node, yaml.MappingNode):
        keys = {key.value: (key, item) for key, item in node.value if isinstance(key, yaml.ScalarNode)}
        for parts in range(len(path), 0, -1):  # a key may itself hold dots
            if (pair := keys.get(".".join(path[:parts]))) is not None:
                return pair[0].start_mark.line + 1, pair[1], parts
    return None


INDENT_WITH_SPACES = "a tab stands here: indent with spaces"
QUOTE = "a text with ': ' in it has to stand in quotes, or in lines of its own below '|'"
UNEVEN = "this line is indented otherwise than its neighbours"
BEGINS_WITH_PLACEHOLDER = "a text that begins with a placeholder has to stand in quotes"

_PLACEHOLDER = re.compile(r"[:-]\s+(\{\{[^{}]*\}\})\s*\Z")
_PAIR = re.compile(r":(?:\s|$)")
_OUT_OF_PLACE = re.compile(r"did not find expected (?:key|'-' indicator)|expected <block end>")
_SECOND_PAIR = re.compile(r"mapping values are not allowed|expected ',' or '[]}]'")


def advice(text: str, line: int, column: int, problem: str) -> str:
    """What to change at this place, where it can be told; line and column count from 0."""
    lines = text.splitlines()
    shown = lines[line] if line < len(lines) else ""
    before = shown[:column]
    if "\t" in _indentation(shown) or shown[column : column + 1] == "\t":
        return INDENT_WITH_SPACES
    if _SECOND_PAIR.search(problem) and shown[column : column + 1] == ":":
        if _PAIR.search(before):
            return QUOTE
        return UNEVEN if line and len(_indentation(shown)) > len(_indentation(lines[line - 1])) else ""
    if _OUT_OF_PLACE.search(problem) and (found := _PLACEHOLDER.search(before)):
        return f'{BEGINS_WITH_PLACEHOLDER}, as in "{found[1]} …"'
    if _OUT_OF_PLACE.search(problem) and not before.strip():
        return UNEVEN
    return ""


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
