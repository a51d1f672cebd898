"""What steps captured, as later ones name it: ``steps.NAME.captured``, ``steps.NAME.captured.FIELD``,
``steps.NAME.output``. Pure.
"""

import json
from collections.abc import Collection, Sequence
from typing import NamedTuple, NoReturn

from pydantic import JsonValue

from shared.contracts.action import Step
from shared.contracts.problem import nearest
from shared.contracts.step_settings import Capture

DEEPEST = 100
"""How deep captured JSON may be nested: more than people write, and less than any reader gives up at."""
CAPTURES_BEGIN = "steps."
"""What the names of captures begin with."""


class CaptureReference(NamedTuple):
    """What a name means."""

    step_index: int
    capture: Capture
    """Which of what the step captured."""
    path: tuple[str, ...] = ()
    """The fields of its JSON, from the outermost on."""


def capture_reference(name: str, steps: Sequence[Step], *, before: int) -> CaptureReference:
    """What a name of a step says, for the step with the index ``before``.

    ``ValueError`` in a sentence where it means nothing.
    """
    parts = name.split(".")[1:]
    known = {step.name: index for index, step in enumerate(steps)}
    length = next((n for n in range(len(parts), 0, -1) if ".".join(parts[:n]) in known), 0)  # names may hold dots
    if not length:
        message = f"there is no step '{parts[0]}'{nearest(parts[0], known)}"
        raise ValueError(message)
    index = known[".".join(parts[:length])]
    step, what, path = steps[index], parts[length : length + 1], tuple(parts[length + 1 :])
    if index >= before:
        message = f"the step '{step.name}' does not come before this one, so nothing of it is known here"
        raise ValueError(message)
    if what == ["output"] and not path:
        return CaptureReference(index, "output")
    if what != ["captured"]:
        message = f"of a step there are steps.{step.name}.captured and steps.{step.name}.output"
        raise ValueError(message)
    if step.capture is None:
        message = f"the step '{step.name}' captures nothing: add capture: last_line, output or json to it"
        raise ValueError(message)
    if path and step.capture != "json":
        message = f"only what is captured as JSON has fields, and the step '{step.name}' says capture: {step.capture}"
        raise ValueError(message)
    return CaptureReference(index, step.capture, path)


def json_of(text: str) -> JsonValue:
    """The JSON that a text is; ``ValueError`` in a sentence where it is none."""
    try:
        found: JsonValue = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        message = f"is no JSON{where}" if not isinstance(error, RecursionError) else "is JSON that is nested too deeply"
        raise ValueError(message) from None
    if _depth_of(found) > DEEPEST:
        message = f"is JSON that is nested more than {DEEPEST} deep"
        raise ValueError(message)
    return found


def _depth_of(value: JsonValue) -> int:
    depth, inner = 0, [value]
    while inner:
        depth += 1
        within = [one.values() if isinstance(one, dict) else one for one in inner if isinstance(one, dict | list)]
        inner = [one for values in within for one in values]
    return depth


def _no_number(_word: str) -> NoReturn:
    raise ValueError


def value_at(text: str, path: Collection[str]) -> str:
    """The value of a captured text, or of a field of its JSON; ``ValueError`` in a sentence where there is none."""
    if not path:
        return text
    found, seen = json_of(text), list[str]()
    for key in path:
        seen.append(key)
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        else:
            message = f"has no field '{'.'.join(seen)}'"
            raise ValueError(message)
    if found is None:
        message = f"is null in its field '{'.'.join(seen)}'"
        raise ValueError(message)
    value = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        message = f"holds what no command can be given in its field '{'.'.join(seen)}' (a NUL, or half a character)"
        raise ValueError(message)
    return value
