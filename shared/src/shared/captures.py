"""What steps captured, as later ones name it: ``steps.NAME.captured``, ``steps.NAME.captured.FIELD``,
``steps.NAME.output``. Pure.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from shared.contracts.action import Step
from shared.contracts.problem import nearest
from shared.contracts.step_settings import Capture
from shared.written_json import json_text, read_json

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


def value_at(text: str, path: Collection[str]) -> str:
    """The value of a captured text, or of a field of its JSON: a text as it is, all else as JSON, with its numbers as
    they were printed. ``ValueError`` in a sentence where there is none.
    """
    if not path:
        return text
    found, seen = read_json(text), list[str]()
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
    value = found if isinstance(found, str) else json_text(found)
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        message = f"holds what no command can be given in its field '{'.'.join(seen)}' (a NUL, or half a character)"
        raise ValueError(message)
    return value
