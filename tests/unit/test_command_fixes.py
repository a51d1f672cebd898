"""What a refusal offers to change: once it is changed so, the command is taken."""

from typing import Any

import pytest

from catalog.domain.action_analysis import analysed_at_once
from shared.contracts.action import ActionDefinition
from shared.contracts.problem import Fix

_COMMANDS = [
    "[ {{ x }} -lt 90 ]",
    "echo $(( {{ x }} + 1 ))",
    "kill -{{ x }} 1",
    "ssh h echo {{ x }}",
    "v={{ x }}; find $v",
    "psql -c \"select '{{ x }}'\"",
    "sudo sh -c 'echo {{ x }}'",
    "make VERSION={{ x }}",
]


def _action(command: str, **parameter: Any) -> dict[str, Any]:
    parameters = [{"name": "first"}, {"name": "x", **parameter}]
    return {"name": "a", "parameters": parameters, "steps": [{"name": "s", "provider": "p", "command": command}]}


def _fixes(action: dict[str, Any]) -> list[Fix]:
    (error,) = analysed_at_once(ActionDefinition.model_validate(action)).errors
    assert all(fix.title in error.message or fix.title.partition("` ")[2] in error.message for fix in error.fixes)
    return error.fixes


def _changed(action: dict[str, Any], fix: Fix) -> dict[str, Any]:
    for field, value in fix.changes.items():
        name, index, inner = field.split(".")
        action[name][int(index)][inner] = value
    return action


@pytest.mark.parametrize("command", _COMMANDS)
@pytest.mark.parametrize("parameter", [{}, {"pattern": ".*", "default": "5"}, {"title": "A text", "required": True}])
def test_a_command_is_taken_once_a_way_out_is_taken(command: str, parameter: dict[str, Any]) -> None:
    fixes = _fixes(_action(command, **parameter))
    assert fixes
    for fix in fixes:
        changed = ActionDefinition.model_validate(_changed(_action(command, **parameter), fix))
        assert analysed_at_once(changed).errors == []


def test_a_secret_is_not_offered_to_become_something_that_is_shown() -> None:
    assert _fixes(_action("[ {{ x }} -lt 90 ]", type="secret")) == []


def test_what_an_author_has_to_write_is_not_offered() -> None:
    assert _fixes(_action("eval {{ x }}")) == []
    assert _fixes(_action("{{ x }} --version")) == []


def test_what_has_no_way_out_says_nothing_of_one() -> None:
    (error,) = analysed_at_once(ActionDefinition.model_validate(_action("echo {{ y }}"))).errors
    assert error.model_dump() == {"field": "steps.0.command", "message": error.message}
