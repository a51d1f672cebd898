"""Binding: values of every type, given as JSON has them or as texts."""

from typing import Any

import pytest
from pydantic import JsonValue, ValidationError

from shared.contracts.action import ActionDefinition
from shared.contracts.parameter import LONGEST_VALUE, Parameter
from shared.contracts.values import LEAST_INTEGER, MOST_INTEGER
from shared.runs.binding import Binding, bind, value_text
from tests.builders import an_action

COLOURS = ["red", "green"]


def an_action_asking_for(*parameters: dict[str, Any]) -> ActionDefinition:
    return an_action(parameters=list(parameters))


def bound(kind: str, value: JsonValue, **fields: Any) -> Binding:
    """What becomes of one value for a parameter ``it`` of a type."""
    if kind == "choice":
        fields["options"] = COLOURS
    return bind(an_action_asking_for({"name": "it", "type": kind, **fields}), {"it": value})


def errors(binding: Binding) -> dict[str, str]:
    return {error.field: error.message for error in binding.errors}


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("string", "any text", "any text"),
        ("string", "", ""),
        ("string", " spaces\nand lines ", " spaces\nand lines "),
        ("string", 12, "12"),
        ("string", True, "true"),
        ("string", "x" * LONGEST_VALUE, "x" * LONGEST_VALUE),
        ("integer", 12, 12),
        ("integer", "12", 12),
        ("integer", " -12 ", -12),
        ("integer", MOST_INTEGER, MOST_INTEGER),
        ("integer", str(LEAST_INTEGER), LEAST_INTEGER),
        ("integer", "0" * 30 + "7", 7),
        ("number", 1, 1),
        ("number", 1.5, 1.5),
        ("number", "1.5", 1.5),
        ("number", "-2e3", -2000.0),
        ("boolean", True, True),
        ("boolean", "Yes", True),
        ("boolean", "off", False),
        ("boolean", "1", True),
        ("choice", "red", "red"),
        ("provider", "web-1.example_a", "web-1.example_a"),
        ("provider", "1", "1"),
    ],
)
def test_a_value_is_kept_as_its_type_has_it(kind: str, given: JsonValue, kept: JsonValue) -> None:
    binding = bound(kind, given)
    assert (errors(binding), binding.values) == ({}, {"it": kept})
    assert type(binding.values["it"]) is type(kept)


@pytest.mark.parametrize(
    ("kind", "given", "says"),
    [
        ("string", ["a"], "a list"),
        ("string", {"a": "b"}, "an object"),
        ("string", "a\0b", "NUL"),
        ("string", "\ud800", "half a character"),
        ("string", "x" * (LONGEST_VALUE + 1), "65537 characters"),
        ("string", "é" * 65_000, "130000 bytes in UTF-8, 128000 are the most"),  # case S-10
        ("secret", "€" * 65_000, "195000 bytes in UTF-8"),
        ("choice", "€" * 65_000, "195000 bytes in UTF-8"),
        ("string", 10**30, "64 bits"),
        ("string", float("inf"), "finite"),
        ("integer", "twelve", "not an integer"),
        ("integer", "", "not an integer"),
        ("integer", "1.0", "not an integer"),
        ("integer", 1.5, "not an integer"),
        ("integer", True, "not an integer"),
        ("integer", "१२", "not an integer"),
        ("integer", [1], "not an integer"),
        ("integer", MOST_INTEGER + 1, "64 bits"),
        ("integer", str(MOST_INTEGER + 1), "64 bits"),
        ("integer", LEAST_INTEGER - 1, "64 bits"),
        ("integer", str(LEAST_INTEGER - 1), "64 bits"),
        ("integer", "9" * 60_000, "64 bits"),
        ("number", "much", "not a number"),
        ("number", "", "not a number"),
        ("number", False, "not a number"),
        ("number", None, "is required"),
        ("number", 10**30, "64 bits"),
        ("number", "nan", "finite"),
        ("number", "-inf", "finite"),
        ("number", "1e400", "finite"),
        ("number", float("nan"), "finite"),
        ("boolean", "maybe", "neither true nor false"),
        ("boolean", 1, "neither true nor false"),
        ("boolean", "", "neither true nor false"),
        ("choice", "rde", "did you mean 'red'?"),
        ("choice", "RED", "none of: red, green"),
        ("choice", None, "is required"),
        ("choice", None, "cannot be left out; one of: red, green"),
        ("provider", "", "no provider's name"),
        ("provider", " web-1", "no provider's name"),
        ("provider", "web-1\n", "no provider's name"),
        ("provider", "Web 1", "no provider's name"),
        ("provider", "x" * 64, "no provider's name"),
        ("provider", 1, "no provider's name"),
        ("provider", {"name": "web-1"}, "no provider's name"),
        ("secret", 5, '{"secret": "name"}'),
        ("secret", {"secret": "Not A Name"}, '{"secret": "name"}'),
        ("secret", {"sealed": "x"}, '{"secret": "name"}'),
        ("secret", "a\0b", "NUL"),
    ],
)
def test_a_value_that_cannot_be_is_refused_on_its_parameter(kind: str, given: JsonValue, says: str) -> None:
    said = errors(bound(kind, given))
    assert list(said) == ["parameters.it"]
    assert says in said["parameters.it"]


@pytest.mark.parametrize(
    ("kind", "given", "limits", "says"),
    [
        ("integer", 2, {"minimum": 3}, "2 is less than the minimum, 3"),
        ("integer", "9", {"maximum": 8}, "9 is more than the maximum, 8"),
        ("number", 0.1, {"minimum": 0.5}, "0.1 is less than the minimum, 0.5"),
        ("string", "abc!", {"pattern": "[a-z]+"}, "does not match the pattern [a-z]+"),
        ("string", "abc\n", {"pattern": "[a-z]+"}, "does not match the pattern"),
    ],
)
def test_limits_hold(kind: str, given: JsonValue, limits: dict[str, Any], says: str) -> None:
    assert says in errors(bound(kind, given, **limits))["parameters.it"]


def test_a_value_at_its_limit_is_within() -> None:
    assert bound("integer", 3, minimum=3, maximum=3).values == {"it": 3}


def test_all_values_together_are_bound_in_bytes_and_the_longest_is_named() -> None:
    # case S-10
    parameters = [Parameter(name=name, type="secret" if name == "e" else "string") for name in "abcde"]
    action = an_action(parameters=parameters)
    values = dict.fromkeys("bcd", "x" * 65_536) | {"a": "é" * 64_000, "e": "ü" * 63_000}
    assert errors(bind(action, values)) == {}
    said = errors(bind(action, values | {"d": "ä" * 64_000}))
    assert list(said) == ["parameters.a"]
    assert "all values together 513072; 512000 are the most" in said["parameters.a"]


def test_a_long_value_is_not_repeated_whole() -> None:
    assert len(errors(bound("boolean", "x" * 10_000))["parameters.it"]) < 200


@pytest.mark.parametrize(
    ("kind", "default", "kept"), [("string", "usual", "usual"), ("integer", "5", 5), ("provider", "web-1", "web-1")]
)
@pytest.mark.parametrize("given", [{}, {"it": None}])
def test_a_default_stands_in_for_what_is_not_given(
    kind: str, default: str, kept: JsonValue, given: dict[str, JsonValue]
) -> None:
    action = an_action_asking_for({"name": "it", "type": kind, "default": default, "required": True})
    assert bind(action, given).values == {"it": kept}


def test_a_given_value_goes_before_the_default() -> None:
    assert bound("string", "", default="usual").values == {"it": ""}


@pytest.mark.parametrize("kind", ["string", "secret"])
def test_an_optional_text_that_nobody_gave_is_empty(kind: str) -> None:
    binding = bind(an_action_asking_for({"name": "it", "type": kind}), {})
    assert (binding.values, binding.errors) == ({"it": ""}, [])


@pytest.mark.parametrize("kind", ["string", "integer", "number", "boolean", "choice", "secret", "provider"])
def test_what_is_required_has_to_be_given(kind: str) -> None:
    assert "is required" in errors(bound(kind, None, required=True))["parameters.it"]


@pytest.mark.parametrize("kind", ["integer", "number", "boolean", "choice", "provider"])
def test_what_has_no_empty_value_is_required_without_a_default(kind: str) -> None:
    assert errors(bound(kind, None))["parameters.it"].startswith("is required")


def test_a_secret_is_named_or_given() -> None:
    named, given = bound("secret", {"secret": "key"}), bound("secret", "hunter2")
    assert (named.secret_names, named.secret_values, named.values) == ({"it": "key"}, {}, {})
    assert (given.secret_names, given.secret_values, given.values) == ({}, {"it": "hunter2"}, {})


def test_a_secret_shows_up_neither_in_errors_nor_in_what_is_printed() -> None:
    assert "hunter2" not in repr(bound("secret", "hunter2"))
    assert "hunter2" not in str(bound("secret", {"secrte": "hunter2"}).errors)


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    said = errors(bind(an_action_asking_for({"name": "service"}), {"srevice": "nginx", "zzz": 1}))
    assert said["parameters.srevice"].endswith("did you mean 'service'?")
    assert said["parameters.zzz"] == "the action 'restart' has no such parameter"


def test_everything_wrong_is_said_at_once() -> None:
    action = an_action_asking_for({"name": "a", "type": "integer"}, {"name": "b", "required": True}, {"name": "c"})
    assert sorted(errors(bind(action, {"a": "x", "d": 1}))) == ["parameters.a", "parameters.b", "parameters.d"]


@pytest.mark.parametrize("field", ["minimum", "maximum", "default"])
@pytest.mark.parametrize("number", [10**30, MOST_INTEGER + 1, LEAST_INTEGER - 1, float("nan"), float("inf")])
def test_a_bound_or_a_default_that_no_store_keeps_is_refused(field: str, number: float) -> None:
    with pytest.raises(ValidationError, match=r"64 bits|finite"):
        Parameter.model_validate({"name": "it", "type": "number", field: number})


def test_bounds_and_defaults_keep_their_kind() -> None:
    parameter = Parameter.model_validate({"name": "it", "type": "number", "minimum": 1, "maximum": 2.5, "default": 2})
    assert [type(value) for value in (parameter.minimum, parameter.maximum, parameter.default)] == [int, float, int]
    flag = Parameter.model_validate({"name": "it", "type": "boolean", "default": True})
    assert flag.default is True


@pytest.mark.parametrize(("value", "text"), [("a", "a"), (True, "true"), (3, "3"), (2.5, "2.5")])
def test_commands_see_a_value_as_text(value: str | float, text: str) -> None:
    assert value_text(value) == text
