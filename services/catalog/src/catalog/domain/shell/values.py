"""What the value of a parameter can hold, told from its type or its pattern."""

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from re import _constants as sre  # type: ignore[attr-defined] # the parse tree of patterns has no public name
from re import _parser  # type: ignore[attr-defined]
from string import ascii_letters, digits
from typing import Any, get_args

from pydantic import JsonValue

from shared.captures import CAPTURES_BEGIN
from shared.contracts.compiled_action import ValueClass
from shared.contracts.parameter import Parameter

_READ_ALIKE = re.compile(
    r"(?:[^\\\[(]|\\[^A-Za-z0-9<>]|\((?!\?)|\(\?:|\[\^?\]?(?:(?!&&|--|~~)[^\\\[\]]|\\[^A-Za-z0-9])*\])*"
)
"""Patterns that Python's parser and the engine that matches them (Rust's) understand alike, in ASCII."""
_OTHER = "\0"
"""Stands for every character beyond ASCII."""
_LAST = 126
"""The last character of ASCII that is printed."""
_ANY = frozenset({*map(chr, range(1, _LAST + 1)), _OTHER})
_DIGIT, _WORD = frozenset(digits), frozenset(ascii_letters + digits + "_")
_PATH = _WORD | frozenset(".,:/@%+=-")
_SIGN, _OPERATOR, _JOINT = frozenset("-+@"), frozenset("!();,"), frozenset(".-")

State = str
Automaton = Mapping[State, Mapping[str, State]]
"""The next state of a text's reading, by state ("" is the first) and character; there is none for what does not fit."""


def _reading(**states: Sequence[tuple[frozenset[str], State]]) -> Automaton:
    return {
        state.removeprefix("_"): {character: after for characters, after in found for character in characters}
        for state, found in states.items()
    }


_AUTOMATA: dict[str, Automaton] = {
    "digits": _reading(_=[(_DIGIT, "yes")], yes=[(_DIGIT, "yes")]),
    "plain": _reading(_=[(_WORD, "yes")], yes=[(_WORD, "yes"), (_JOINT, "joined")], joined=[(_WORD, "yes")]),
    "path": _reading(_=[(_PATH - {"-"}, "yes")], yes=[(_PATH, "yes")]),
    "no option": _reading(_=[(_ANY - _SIGN, "yes"), (_OPERATOR, "alone")], alone=[(_ANY, "yes")], yes=[(_ANY, "yes")]),
    "no equals": _reading(_=[(_ANY - {"="}, "")]),
}
_ENDS_BADLY = frozenset({"no", "joined", "alone"})
_MOST_REPEATS = 8
"""Of a part of a pattern; more count as any number."""


@dataclass(frozen=True)
class Value:
    """What is known of a parameter's value. Without classes it is free."""

    classes: frozenset[ValueClass] = frozenset()
    may_be_empty: bool = True
    may_be_option: bool = True
    """It may begin with `-`, `+` or `@`, or be an operator such as `!`."""
    may_be_negative: bool = False
    may_hold_equals: bool = True
    folder: bool = False
    """It begins with a folder that the author wrote."""
    nearly: str = ""
    """What keeps a pattern from telling more."""


_OF_TYPES: Mapping[str, tuple[ValueClass, ...]] = {
    "integer": ("digits", "number", "plain", "path"),
    "number": ("number", "path"),
    "boolean": ("choice", "plain", "path"),
    "provider": ("path",),
}


def value_of(parameter: Parameter) -> Value:
    """What the type, the options and the pattern of a parameter say of its values."""
    value = _typed(parameter)
    extra = frozenset[ValueClass]({"code"} if parameter.code else ())
    may_be_option = value.may_be_option and not parameter.leading_dash
    return replace(value, classes=value.classes | extra, may_be_option=may_be_option)


def _typed(parameter: Parameter) -> Value:
    if classes := _OF_TYPES.get(parameter.type):
        is_number = parameter.type in {"integer", "number"}
        signed = is_number and (parameter.minimum is None or parameter.minimum < 0)
        return Value(
            frozenset(classes), may_be_empty=False, may_be_option=signed, may_be_negative=signed, may_hold_equals=False
        )
    if parameter.type == "choice":
        found = _judged(lambda automaton: {_read(automaton, option) for option in parameter.options or ()})
        return replace(found, classes=found.classes | {"choice"}, may_be_option=False)
    if parameter.type == "string" and parameter.pattern is not None:
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
    found = _judged(lambda automaton: _after(tree, frozenset({""}), automaton))
    folder = re.match(r"(?:/\w[\w.-]*)+/(?![*+?{|])", pattern) is not None and "|" not in re.sub(
        r"\([^()]*\)", "", pattern
    )
    return replace(found, folder=folder and "path" in found.classes)


def _judged(ends: Callable[[Automaton], Iterable[State]]) -> Value:
    """What is known of texts from the states in which they leave each automaton."""
    found = {name for name, automaton in _AUTOMATA.items() if _ENDS_BADLY.isdisjoint(ends(automaton))}
    may_be_empty = "" in ends(_AUTOMATA["plain"])
    classes = frozenset(name for name in get_args(ValueClass) if name in found and not may_be_empty)
    return Value(
        classes | ({"number"} if "digits" in classes else set()),
        may_be_empty,
        may_be_option="no option" not in found,
        may_hold_equals="no equals" not in found,
    )


def _next(automaton: Automaton, state: State, character: str) -> State:
    return automaton.get(state, {}).get(character, "no")


def _read(automaton: Automaton, text: str) -> State:
    state = ""
    for character in text:
        state = _next(automaton, state, character if character in _ANY else _OTHER)
    return state


def _after(node: Any, states: frozenset[State], automaton: Automaton) -> frozenset[State]:
    """The states in which a pattern's texts can end, read from any of these states. Exact, but for anchors."""
    for operation, argument in node:
        states = _step(operation, argument, states, automaton)
    return states


def _step(operation: Any, argument: Any, states: frozenset[State], automaton: Automaton) -> frozenset[State]:
    match operation:
        case sre.AT:
            return states
        case sre.SUBPATTERN:
            return _after(argument[-1], states, automaton)
        case sre.BRANCH:
            return frozenset().union(*(_after(branch, states, automaton) for branch in argument[1]))
        case sre.MAX_REPEAT | sre.MIN_REPEAT:
            least, most, repeated = argument
            reached = states
            for _ in range(min(int(least), _MOST_REPEATS)):
                reached = _after(repeated, reached, automaton)
            everywhere, seen = reached, frozenset[State]()
            while (int(most) > int(least) or int(least) > _MOST_REPEATS) and everywhere != seen:
                seen = everywhere
                everywhere |= _after(repeated, everywhere, automaton)
            return everywhere
    characters = _characters(operation, argument)
    return frozenset(_next(automaton, state, character) for state in states for character in characters)


def _characters(operation: Any, argument: Any) -> Iterable[str]:
    """What one place of a pattern matches, every character beyond ASCII as the same."""
    items = argument if operation is sre.IN else [(operation, argument)]
    found: set[str] = set()
    for kind, what in items:
        if kind not in {sre.LITERAL, sre.RANGE}:
            return _ANY
        low, high = what if kind is sre.RANGE else (what, what)
        found.update(chr(code) for code in range(low, min(high, _LAST) + 1))
        found.update({_OTHER} if high > _LAST else ())
    return found


def cure(needs: Iterable[str], name: str, values: Mapping[str, Value]) -> str:
    """What to do so that a value may stand where only these classes may."""
    if name.startswith(CAPTURES_BEGIN):
        return "use it as an argument: what a step captured can be anything, and is never code"
    needs = frozenset(needs)
    ways = [_CURES[need] for need in _cures(needs)]
    nearly = values[name].nearly if name in values and needs & {"digits", "plain", "path"} else ""
    return f"give `{name}` {', or '.join(ways)}" + (f" ({nearly})" if nearly else "")


def changes_of(needs: Iterable[str], parameter: Parameter) -> Iterator[tuple[str, Mapping[str, JsonValue]]]:
    """Those of its ways that are changes of the parameter's fields: each in words, with the fields."""
    for need in _cures(needs):
        if parameter.type in _CHANGED_TYPES.get(need, ()):
            yield f"give `{parameter.name}` {_CURES[need]}", _CHANGES[need]


def _cures(needs: Iterable[str]) -> list[str]:
    """The classes of values that are advised, of all that may stand somewhere."""
    return [need for need in _CURES if need in frozenset(needs)][:_MOST_CURES]


_MOST_CURES = 2


PLAIN_PATTERN, PATH_PATTERN = "[A-Za-z0-9_]+([.-][A-Za-z0-9_]+)*", "[A-Za-z0-9_.,:/@%+=][A-Za-z0-9_.,:/@%+=-]*"
_CURES = {
    "path": f"a pattern such as {PATH_PATTERN} and required: true",
    "folder": "a pattern that begins with a folder, such as /opt/[A-Za-z0-9._/-]+ and required: true",
    "plain": f"a pattern such as {PLAIN_PATTERN} and required: true",
    "digits": "the type integer",
    "choice": "the type choice, with the texts that may be meant",
    "code": "code: true, if whoever runs the action may run any code",
}
_CHANGES: Mapping[str, Mapping[str, JsonValue]] = {
    "path": {"pattern": PATH_PATTERN, "required": True},
    "plain": {"pattern": PLAIN_PATTERN, "required": True},
    "digits": {"type": "integer", "pattern": None},
}
"""The others are for the author to write: which folder, which choices, whether code at all."""
_CHANGED_TYPES = {"path": ("string",), "plain": ("string",), "digits": ("string", "number")}
"""What may become of a parameter: a secret that became a text would be shown."""
