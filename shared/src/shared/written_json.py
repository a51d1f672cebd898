"""JSON whose numbers stay as somebody has written them: 1.10 is not 1.1 to whoever reads it as a version. Pure."""

import json
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from pydantic import JsonValue

from shared.contracts.values import LEAST_INTEGER, MOST_INTEGER

DEEPEST = 100
"""How deep JSON may be nested: more than people write, and less than any reader gives up at."""
_DIGITS = len(str(LEAST_INTEGER))
"""Characters of an integer; more are not read as one, as that takes the square of their number."""


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number as it is written."""

    text: str


WrittenJson: TypeAlias = "WrittenNumber | str | bool | list[WrittenJson] | dict[str, WrittenJson] | None"


def read_json(text: str) -> WrittenJson:
    """The JSON that a text is; ``ValueError`` in a sentence where it is none."""
    try:
        found: WrittenJson = json.loads(
            text, parse_int=WrittenNumber, parse_float=WrittenNumber, parse_constant=_no_number
        )
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        message = f"is no JSON{where}" if not isinstance(error, RecursionError) else "is JSON that is nested too deeply"
        raise ValueError(message) from None
    if _depth_of(found) > DEEPEST:
        message = f"is JSON that is nested more than {DEEPEST} deep"
        raise ValueError(message)
    return found


def json_text(value: WrittenJson) -> str:
    """The JSON of a value, without blanks in it."""
    match value:
        case WrittenNumber(text):
            return text
        case list():
            return f"[{','.join(json_text(one) for one in value)}]"
        case dict():
            return f"{{{','.join(f'{json_text(name)}:{json_text(one)}' for name, one in value.items())}}}"
    return json.dumps(value, ensure_ascii=False)


def reckoned(value: WrittenJson) -> JsonValue:
    """The value with numbers that can be reckoned with: whole ones of at most 64 bits, and floating ones else."""
    match value:
        case WrittenNumber(text):
            return _number(text)
        case list():
            return [reckoned(one) for one in value]
        case dict():
            return {name: reckoned(one) for name, one in value.items()}
    return value


def _number(text: str) -> int | float:
    if text.removeprefix("-").isdecimal() and len(text) <= _DIGITS and LEAST_INTEGER <= int(text) <= MOST_INTEGER:
        return int(text)
    return float(text)


def _depth_of(value: WrittenJson) -> int:
    depth, inner = 0, [value]
    while inner:
        depth += 1
        within = [one.values() if isinstance(one, dict) else one for one in inner if isinstance(one, dict | list)]
        inner = [one for values in within for one in values]
    return depth


def _no_number(_word: str) -> NoReturn:
    raise ValueError
