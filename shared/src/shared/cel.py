"""CEL, the language of conditions: the one place that knows the library, cel-expr-python.

Compiling is bounded by the length of a text and takes milliseconds. Evaluating is not: a short text can ask for
gigabytes (``[x].map(a, a + a).map(…)``), and the library keeps the interpreter to itself meanwhile. So this file is
also a program that evaluates, line by line, what it is sent, within a second of CPU and little memory; what needs more
ends it. ``shared.conditions`` starts it. It imports nothing of ours, so that it starts in moments.

What is not obvious about the library:

* A run-time error is not raised: it is a value of the type ERROR, whose plain value is a text, which would be taken for
  true. A variable that is not given is such an error, too.
* What a checked expression names stands in what it serializes to (``cel.expr.CheckedExpr``), and nowhere else.
* Times are taken as variables of their own, and not within maps.
"""

import json
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

MOST_ENTRIES = 1_000
"""Of a list that is handed in: to copy one as long takes the square of that."""
MOST_CPU, MOST_MEMORY = 1.0, 512 * 1024 * 1024
"""Seconds for one evaluation; bytes of address space for the program that evaluates."""
TOO_MUCH = f"it takes more than {MOST_CPU:g} s, or more than {MOST_MEMORY >> 20} MiB"
ROOTS = ("params", "steps", "alert", "run", "now")

_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_UNKNOWN = re.compile(r"undeclared reference to '(.*)' \(in container ''\)")
_CODE = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$")
_TOO_DEEP = "it is nested more than 32 deep, or has more than 32 terms of + in a row, which is the most"
_INSTEAD = {"'= '": "==", "'and'": "&&", "'or'": "||", "'not'": "!"}
_IN_WORDS = (
    (re.compile(r'Key not found in map : "(.*)"'), r"there is no '\1' there; has(…) asks whether there is"),
    (
        re.compile(r"Index error: index=(-?\d+) size=(\d+)"),
        r"there is no entry \1 in a list of \2; the first is 0",
    ),
    (
        re.compile(r"No matching overloads found : _?(&&|\|\||!)_?.*"),
        r"\1 takes true and false, and nothing else",
    ),
    (re.compile(r"No matching overloads found : _?(\W+?|[^(]+?)_?\((.*)\)"), r"\1 does not take these together: \2"),
    (re.compile("Applying SELECT to non-message type"), "what stands before a dot is null, a text or a number"),
    (re.compile("String to Timestamp conversion failed"), "a text is no instant such as 2026-01-31T12:00:00Z"),
    (re.compile("String to Duration conversion failed"), "a text is no duration such as 90s or 1h30m"),
)
"""What the library says of an evaluation, and what we say for that."""
_STRANGE = re.compile("[\0-\x08\x0e-\x1f\ud800-\udfff]")
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class CelError(ValueError):
    """An expression that is none, or could not be evaluated; where a place is known, with ``line`` and ``column``."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(f"line {line}, column {column}: {message}" if line else message)
        self.message = message
        self.line = line
        self.column = column


class UnknownNameError(CelError):
    """It names what nothing is called."""

    def __init__(self, name: str, line: int, column: int) -> None:
        super().__init__(f"there is nothing called '{name}'", line, column)
        self.name = name


class Named(NamedTuple):
    """Something that an expression reads: ``steps.probe.state`` and ``steps["probe"].state`` alike."""

    path: tuple[str, ...]
    """Up to where it is written out; what comes after ``params[x]`` is not."""
    line: int
    column: int


@cache
def _environment() -> Any:
    from cel_expr_python import cel  # 14 MB, which only those need who have expressions
    from cel_expr_python.ext import ext_optional, ext_strings

    texts_to_any = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    variables = {
        "params": texts_to_any,
        "steps": cel.Type.Map(cel.Type.STRING, texts_to_any),
        "alert": cel.Type.DYN,
        "run": texts_to_any,
        "now": cel.Type.TIMESTAMP,
    }
    return cel.NewEnv(variables=variables, extensions=[ext_strings.ExtStrings(), ext_optional.ExtOptional()])


def compiled(text: str) -> Any:
    """The library's expression of a text that is not long; ``CelError`` for one that can never be true or false."""
    if (strange := _STRANGE.search(text)) is not None:
        raise CelError("holds a character that is no text", *_line_and_column(text, strange.start()))
    try:
        expression = _environment().compile(text)
    except RuntimeError as error:
        raise _as_told(str(error)) from error
    if (kind := expression.return_type().name()) not in {"BOOL", "DYN"}:
        raise CelError(f"is of the type {kind.lower()}; a condition is true or false", 1, 1)
    return expression


def names_in(text: str) -> list[Named]:
    """All that an expression reads of ``ROOTS``, in the order in which it stands there; ``CelError``."""
    checked = _fields(_fields(compiled(text).serialize())[2][0])
    positions = {entry[1][0]: entry.get(2, [0])[0] for entry in map(_fields, _fields(checked[5][0]).get(4, []))}
    found = sorted((positions.get(place, 0), path) for path, place in _paths(_fields(checked[4][0]), frozenset()))
    return [Named(path, *_line_and_column(text, offset)) for offset, path in found]


def evaluate(text: str, values: Mapping[str, Any]) -> bool:
    """Whether it holds; ``CelError`` where that cannot be said. ``now`` is a text as well."""
    try:
        given = {**values, "now": datetime.fromisoformat(values["now"])}
        _require_short(given)
        found = compiled(text).eval(data=given)
    except CelError:
        raise
    except MemoryError:
        raise CelError(TOO_MUCH) from None
    except Exception as error:
        raise _as_told(str(error)) from error
    kind, value = found.type().name(), found.plain_value()
    if kind == "ERROR":
        raise _as_told(str(value))
    if kind != "BOOL":
        raise CelError(f"it came to a value of the type {kind.lower()}, not to true or false")
    return value is True


def _as_told(text: str) -> CelError:
    """What the library says is wrong, in our words."""
    if "recursion" in text:
        return CelError(_TOO_DEEP, 1, 1)
    if "Iteration budget" in text:
        return CelError("it goes through more than 10,000 entries, which is the most")
    found = _ERROR.search(text)
    if found is None:
        message = _CODE.sub("", text.partition("\n")[0])[:300]
        for pattern, ours in _IN_WORDS:
            message = pattern.sub(ours, message)
        return CelError(message)
    line, column = max(1, int(found[1])), max(1, int(found[2]))
    message = _CODE.sub("", found[3])
    if (unknown := _UNKNOWN.search(message)) is not None:
        return UnknownNameError(unknown[1], line, max(1, column - max(0, unknown[1].rfind("."))))
    instead = next((f"; write {right}" for wrong, right in _INSTEAD.items() if wrong in message), "")
    return CelError(message.partition(" expecting {")[0] + instead, line, column)


def _line_and_column(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _require_short(value: Any) -> None:
    if isinstance(value, list):
        if len(value) > MOST_ENTRIES:
            raise CelError(f"a list of {len(value)} entries is more than it can be given; {MOST_ENTRIES} are the most")
        for one in value:
            _require_short(one)
    elif isinstance(value, dict):
        for one in value.values():
            _require_short(one)


# --- what a checked expression names, as cel/expr/syntax.proto has it

_IDENT, _SELECT, _CALL, _LIST, _STRUCT, _COMPREHENSION = 4, 5, 6, 7, 8, 9
_INDEXES = {"_[_]", "_[?_]", "_?._"}
Node = dict[int, list[Any]]


def _fields(data: bytes) -> Node:
    """A protobuf message: what its fields hold, by their numbers."""
    fields: Node = {}
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        number, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            value, place = _varint(data, place)
            fields.setdefault(number, []).append(value)
            continue
        size = {_FIXED64: 8, _FIXED32: 4}.get(wire)
        if size is None:
            size, place = _varint(data, place)
        fields.setdefault(number, []).append(data[place : place + size])
        place += size
    return fields


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while data[place] & 0x80:
        value |= (data[place] & 0x7F) << shift
        place, shift = place + 1, shift + 7
    return value | data[place] << shift, place + 1


def _paths(node: Node, local: frozenset[str]) -> Iterator[tuple[tuple[str, ...], int]]:
    """What a part of an expression names, with the number of the place where each name begins."""
    found = _path(node, local)
    if found is not None:
        yield found
        return
    if _SELECT in node:
        yield from _paths_in(node[_SELECT][0], (1,), local)
    if _CALL in node:
        yield from _paths_in(node[_CALL][0], (1, 3), local)
    if _LIST in node:
        yield from _paths_in(node[_LIST][0], (1,), local)
    if _STRUCT in node:
        for entry in _fields(node[_STRUCT][0]).get(2, []):
            yield from _paths_in(entry, (3, 4), local)
    if _COMPREHENSION in node:
        inner = _fields(node[_COMPREHENSION][0])
        variables = {inner[number][0].decode() for number in (1, 3, 8) if number in inner}
        yield from _paths_in(node[_COMPREHENSION][0], (2, 4), local)
        yield from _paths_in(node[_COMPREHENSION][0], (5, 6, 7), local | variables)


def _paths_in(data: bytes, numbers: tuple[int, ...], local: frozenset[str]) -> Iterator[tuple[tuple[str, ...], int]]:
    fields = _fields(data)
    for number in numbers:
        for part in fields.get(number, []):
            yield from _paths(_fields(part), local)


def _path(node: Node, local: frozenset[str]) -> tuple[tuple[str, ...], int] | None:
    if _IDENT in node:
        name = _fields(node[_IDENT][0])[1][0].decode()
        return ((name,), node[2][0]) if name in ROOTS and name not in local else None
    if _SELECT in node:
        select = _fields(node[_SELECT][0])
        before = _path(_fields(select[1][0]), local)
        return None if before is None else ((*before[0], select[2][0].decode()), before[1])
    if _CALL in node:
        call = _fields(node[_CALL][0])
        if call[2][0].decode() in _INDEXES:
            before, key = _path(_fields(call[3][0]), local), _text_in(_fields(call[3][1]))
            return None if before is None or key is None else ((*before[0], key), before[1])
    return None


def _text_in(node: Node) -> str | None:
    """The text that a part of an expression is, if it is one."""
    constant = _fields(node[3][0]) if 3 in node else {}  # noqa: PLR2004 - const_expr
    return constant[6][0].decode() if 6 in constant else None  # noqa: PLR2004 - string_value


# --- the program that evaluates


def serve() -> None:
    """Answer each line of the input: ``{"text", "values"}`` with ``{"holds"}`` or ``{"error"}``."""
    import resource  # which not every system of a command line has

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _environment()
    for line in sys.stdin:
        question = json.loads(line)
        signal.setitimer(signal.ITIMER_PROF, MOST_CPU)  # the signal ends the process, as nothing handles it
        try:
            answer: dict[str, Any] = {"holds": evaluate(question["text"], question["values"])}
        except CelError as error:
            answer = {"error": str(error)}
        signal.setitimer(signal.ITIMER_PROF, 0)
        print(json.dumps(answer), flush=True)  # noqa: T201 - it is how it answers


if __name__ == "__main__":
    serve()
