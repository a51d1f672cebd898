"""What the value of a parameter can hold, told from its type or its pattern."""

import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from re import _constants as sre  # type: ignore[attr-defined] # the parse tree of patterns has no public name
from re import _parser  # type: ignore[attr-defined]
from string import ascii_letters, digits
from typing import Any

from shared.contracts.command import ValueClass
from shared.contracts.parameter import Parameter

_WORD = frozenset(ascii_letters + digits + "_")
_PATH = _WORD | frozenset(".,:/@%+=-")
_READ_ALIKE = re.compile(
    r"(?:[^\\\[(]|\\[^A-Za-z0-9<>]|\((?!\?)|\(\?:|\[\^?\]?(?:(?!&&|--|~~)[^\\\[\]]|\\[^A-Za-z0-9])*\])*"
)
"""Patterns that Python's parser and the engine that matches them (Rust's) understand alike, in ASCII."""

State = str
Automaton = Callable[[State, str], State]
"""The next state of a text's reading, for a character; `no` is the state of no return, "" the first one."""


def _all_of(allowed: frozenset[str], first: frozenset[str] | None = None) -> Automaton:
    return lambda state, character: (
        "yes" if state != "no" and character in (allowed if state or first is None else first) else "no"
    )


def _plain(state: State, character: str) -> State:
    if state != "no" and character in _WORD:
        return "yes"
    return "joined" if state == "yes" and character in ".-" else "no"


_OTHER = "\0"
"""Stands for every character that no rule knows."""
_SINGLE = frozenset("!();,")


def _no_option(state: State, character: str) -> State:
    if state:
        return "yes" if state == "single" else state
    return "no" if character in "-+@" else "single" if character in _SINGLE else "yes"


def _no_parent(state: State, character: str) -> State:
    if character == "." and state in {"", "/", "/."}:
        return {"": "/.", "/": "/.", "/.": "/.."}[state]
    return ("no" if state == "/.." else "/") if character == "/" else "no" if state == "no" else "yes"


_CLASSES: dict[ValueClass, Automaton] = {
    "digits": _all_of(frozenset(digits)),
    "plain": _plain,
    "path": _all_of(_PATH, _PATH - {"-"}),
}
_MOST_REPEATS = 8
"""Of a part of a pattern; more count as any number."""
_LAST = 126
"""The last character of ASCII that is printed."""
_ALPHABET = [*map(chr, range(1, _LAST + 1)), _OTHER]


@dataclass(frozen=True)
class Value:
    """What is known of a parameter's value. Without classes it is free."""

    classes: frozenset[ValueClass] = frozenset()
    may_be_empty: bool = True
    may_be_option: bool = True
    """It may begin with `-`, `+` or `@`, or be an operator such as `!`."""
    may_be_negative: bool = False
    may_hold_equals: bool = True
    may_hold_parent: bool = True
    folder: bool = False
    """It begins with a folder that the author wrote."""
    nearly: str = ""
    """What keeps a pattern from telling more."""


def value_of(parameter: Parameter) -> Value:
    """What the type, the options and the pattern of a parameter say of its values."""
    value = _typed(parameter)
    extra = frozenset[ValueClass]({"code"} if parameter.code else ())
    may_be_option = value.may_be_option and not parameter.leading_dash
    return replace(value, classes=value.classes | extra, may_be_option=may_be_option)


def _typed(parameter: Parameter) -> Value:  # noqa: PLR0911 - one for each type
    may_be_negative = parameter.minimum is None or parameter.minimum < 0
    tame = Value(may_be_empty=False, may_be_option=may_be_negative, may_hold_equals=False, may_hold_parent=False)
    match parameter.type:
        case "integer":
            classes = frozenset[ValueClass]({"digits", "number", "plain", "path"})
            return replace(tame, classes=classes, may_be_negative=may_be_negative)
        case "number":
            return replace(tame, classes=frozenset({"number", "path"}), may_be_negative=may_be_negative)
        case "boolean":
            return replace(tame, classes=frozenset({"choice", "plain", "path"}), may_be_option=False)
        case "provider":
            return replace(tame, classes=frozenset({"path"}), may_be_option=False, may_hold_parent=True)
        case "choice":
            found = _judged(lambda reads: {_read(reads, option) for option in parameter.options or ()})
            return replace(found, classes=found.classes | {"choice"}, may_be_option=False)
        case "string" if parameter.pattern is not None:
            return _patterned(parameter, parameter.pattern)
    return Value()


def _patterned(parameter: Parameter, pattern: str) -> Value:
    if not parameter.required and parameter.default is None:
        return Value(nearly="it can be left out, and is empty then: say required: true, or give it a default")
    if not _READ_ALIKE.fullmatch(pattern):
        return Value(nearly="its pattern says too little: write it with [A-Za-z0-9_] and the like, not with \\d or \\w")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = _parser.parse(pattern)
    found = _judged(lambda reads: _after(tree, frozenset({""}), reads))
    folder = re.match(r"(?:/\w[\w.-]*)+/(?![*+?{|])", pattern) is not None and "|" not in re.sub(
        r"\([^()]*\)", "", pattern
    )
    return replace(found, folder=folder and "path" in found.classes)


def _judged(ends: Callable[[Automaton], Iterable[State]]) -> Value:
    def never(reads: Automaton) -> bool:
        return not {"no", "joined"} & set(ends(reads))

    empty = "" in set(ends(lambda _, __: "yes"))
    classes = frozenset(name for name, reads in _CLASSES.items() if not empty and never(reads))
    if "digits" in classes:
        classes |= {"number"}
    return Value(
        classes,
        may_be_empty=empty,
        may_be_option=bool({"no", "single"} & set(ends(_no_option))),
        may_hold_equals=not never(
            lambda state, character: "no" if "no" in (state, character) or character == "=" else "yes"
        ),
        may_hold_parent=bool({"no", "/.."} & set(ends(_no_parent))),
    )


def _read(reads: Automaton, text: str) -> State:
    state = ""
    for character in text:
        state = reads(state, character if character in _ALPHABET else _OTHER)
    return state


def _after(node: Any, states: frozenset[State], reads: Automaton) -> frozenset[State]:
    """The states in which a pattern's texts can end, read from any of these states. Exact, but for anchors."""
    for operation, argument in node:
        states = _step(operation, argument, states, reads)
    return states


def _step(operation: Any, argument: Any, states: frozenset[State], reads: Automaton) -> frozenset[State]:
    match operation:
        case sre.AT:
            return states
        case sre.SUBPATTERN:
            return _after(argument[-1], states, reads)
        case sre.BRANCH:
            return frozenset().union(*(_after(branch, states, reads) for branch in argument[1]))
        case sre.MAX_REPEAT | sre.MIN_REPEAT:
            least, most, repeated = argument
            reached = states
            for _ in range(min(int(least), _MOST_REPEATS)):
                reached = _after(repeated, reached, reads)
            everywhere, seen = reached, frozenset[State]()
            while (int(most) > int(least) or int(least) > _MOST_REPEATS) and everywhere != seen:
                seen = everywhere
                everywhere |= _after(repeated, everywhere, reads)
            return everywhere
    characters = _characters(operation, argument)
    return frozenset(reads(state, character) for state in states for character in characters)


def _characters(operation: Any, argument: Any) -> Iterable[str]:
    """What one place of a pattern matches, every character beyond ASCII as the same."""
    items = argument if operation is sre.IN else [(operation, argument)]
    found: set[str] = set()
    for kind, what in items:
        if kind not in {sre.LITERAL, sre.RANGE}:
            return _ALPHABET
        low, high = what if kind is sre.RANGE else (what, what)
        found.update(chr(code) for code in range(low, min(high, _LAST) + 1))
        found.update({_OTHER} if high > _LAST else ())
    return found


def cure(needs: Iterable[str], name: str, values: Mapping[str, Value]) -> str:
    """What to do so that a value may stand where only these classes may."""
    needs = frozenset(needs)
    ways = [way for need, way in _CURES.items() if need in needs]
    nearly = values[name].nearly if name in values and needs & {"digits", "plain", "path"} else ""
    return f"give `{name}` {', or '.join(ways[:2])}" + (f" ({nearly})" if nearly else "")


PLAIN_PATTERN, PATH_PATTERN = "[A-Za-z0-9_]+([.-][A-Za-z0-9_]+)*", "[A-Za-z0-9_.,:/@%+=][A-Za-z0-9_.,:/@%+=-]*"
_CURES = {
    "path": f"a pattern such as {PATH_PATTERN} and required: true",
    "folder": "a pattern that begins with a folder, such as /opt/[A-Za-z0-9._/-]+ and required: true",
    "plain": f"a pattern such as {PLAIN_PATTERN} and required: true",
    "digits": "the type integer",
    "choice": "the type choice, with the texts that may be meant",
    "code": "code: true, if whoever runs the action may run any code",
}
