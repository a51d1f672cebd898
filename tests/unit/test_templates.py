"""The templates, as they lie in the package: whole, readable, taken by the analysis, and the same for every reader."""

from importlib.resources import files
from typing import Any

import pytest
import yaml

from catalog.domain.action_analysis import analysed_at_once
from catalog.domain.checks import action_warnings, check_action
from catalog.domain.templates import GROUPS, NAMES, TemplateUse, copy_of, template
from catalog.domain.yaml_documents import documents, value_of
from shared.contracts.action import ActionDefinition
from shared.definitions import Stored
from tests.builders import NOON

FOLDER = files("catalog").joinpath("templates")
EVERY_TEMPLATE = pytest.mark.parametrize("name", NAMES)


def test_there_are_twelve_in_four_groups_and_no_file_is_left_out() -> None:
    assert (len(GROUPS), len(NAMES), len(set(NAMES))) == (4, 12, 12)
    assert sorted(file.name for file in FOLDER.iterdir()) == sorted(f"{name}.yaml" for name in NAMES)


@EVERY_TEMPLATE
def test_a_template_is_taken_by_the_analysis_without_a_warning(name: str) -> None:
    action = template(name).action
    analysis = analysed_at_once(action)
    assert [*check_action(action), *analysis.errors] == []
    stored: Stored[ActionDefinition] = Stored(
        name=name, version=1, uid="", created_at=NOON, updated_at=NOON, updated_by="", definition=action,
        compiled=analysis.compiled,
    )  # fmt: skip
    assert action_warnings(action, stored) == []


@EVERY_TEMPLATE
def test_a_template_says_of_everything_what_it_is_for(name: str) -> None:
    action = template(name).action
    assert action.name == name
    assert action.category in {"Maintenance", "Recovery", "Diagnostics"}
    assert action.title
    assert action.tags
    assert action.estimated_duration
    of_parameters = [parameter.description for parameter in action.parameters]
    for said in (action.description, *of_parameters, *(step.description for step in action.steps)):
        assert said.endswith("."), said
    assert all(step.title for step in action.steps)


@EVERY_TEMPLATE
def test_a_template_asks_for_nothing_that_is_destructive_by_itself(name: str) -> None:
    defaults = {parameter.name: parameter.default for parameter in template(name).action.parameters}
    harmful = {"apply", "replace", "drop_caches", "empty_swap", "primary_is_gone", "sudo"}
    assert {name: value for name, value in defaults.items() if name in harmful and value is not False} == {}
    assert all(not parameter.code for parameter in template(name).action.parameters)


@EVERY_TEMPLATE
def test_a_template_reads_the_same_in_the_yaml_of_definitions(name: str) -> None:
    """Which is version 1.2, where `no` is a text; the catalog's own reader is of version 1.1."""
    text = FOLDER.joinpath(f"{name}.yaml").read_text()
    (node,) = documents(text, name)
    assert value_of(node, name) == yaml.safe_load(text)
    assert all(len(line) <= 120 for line in text.splitlines())


def test_a_part_that_steps_share_stands_in_each_of_them() -> None:
    commands = [step.command for step in template("service-restart").action.steps]
    assert [command.count("root() {") for command in commands] == [1] * len(commands)


@pytest.mark.parametrize(
    ("use", "title"),
    [
        (TemplateUse(name="restart-nginx"), "Service Restart: restart-nginx"),
        (TemplateUse(name="service-restart"), "Service Restart"),
        (TemplateUse(name="restart-nginx", title="Restart nginx"), "Restart nginx"),
        (TemplateUse(name="restart-nginx", title=""), ""),
    ],
)
def test_a_copy_under_another_name_has_that_in_its_title(use: TemplateUse, title: str) -> None:
    assert copy_of(template("service-restart"), use)[0].title == title


@pytest.mark.parametrize(
    ("given", "expected"), [({"watch": "7"}, 7), ({"sudo": "yes"}, True), ({"service": "nginx"}, "nginx")]
)
def test_a_new_default_has_the_type_of_its_parameter(given: dict[str, Any], expected: object) -> None:
    action, errors = copy_of(template("service-restart"), TemplateUse(name="mine", parameters=given))
    assert errors == []
    assert next(one.default for one in action.parameters if one.name in given) == expected
    original = template("service-restart").action
    assert all(one.default != expected for one in original.parameters if one.name in given), "a copy is a copy"
