"""Parameters of a run as people type them, turned into the values that an action's types ask for."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

BOOLEANS = {"true": True, "false": False}


def _boolean(text: str) -> bool:
    return BOOLEANS[text.lower()]


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _stored_secret(text: str) -> dict[str, str]:
    return {"secret": text}


_VALUE_OF_TYPE: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "number": _number,
    "boolean": _boolean,
    "secret": _stored_secret,
}


def values_of(typed: Mapping[str, str], declared: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The values that the API is sent. For a secret the name of a stored one is typed, never its value.

    What does not fit its type goes as it is: the API says what is wrong with it, as it does for everybody.
    """
    types = {parameter["name"]: parameter["type"] for parameter in declared}
    return {name: _value(text, types.get(name, "string")) for name, text in typed.items()}


def _value(text: str, type_: str) -> Any:
    try:
        return _VALUE_OF_TYPE.get(type_, str)(text)
    except (ValueError, KeyError):
        return text
