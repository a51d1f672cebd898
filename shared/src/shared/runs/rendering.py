"""Rendering: what a run's parameters make of a step. Pure."""

from collections.abc import Mapping

from pydantic import JsonValue

from shared.contracts.action import Step
from shared.placeholders import render_text
from shared.runs.binding import value_text

MASK = "••••••"
"""What people see in place of a secret."""
MOST_COPIED = 4_096
"""Bytes of values that every attempt of a run has its copy of; what is more stands in the run alone."""
CUT_TO = 200
"""Characters of each value that are shown where they are more than that together."""


def is_secret(value: JsonValue) -> bool:
    """Whether a bound value is a secret's name or ciphertext."""
    return isinstance(value, dict)


def plain_values(parameters: Mapping[str, JsonValue]) -> dict[str, str]:
    """The parameters that are no secrets, as text."""
    return {
        name: value_text(value) for name, value in parameters.items() if isinstance(value, str | int | float | bool)
    }


def secret_sources(parameters: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Where the values of the secret parameters come from."""
    return {name: value for name, value in parameters.items() if is_secret(value)}


def are_short(values: Mapping[str, str]) -> bool:
    """Whether every attempt of a run can have its own copy of these values."""
    return sum(len(value.encode()) for value in values.values()) <= MOST_COPIED


def shown_values(parameters: Mapping[str, JsonValue]) -> dict[str, str]:
    """The parameters as people are shown them in a command: the beginning of each where they are long."""
    values = plain_values(parameters)
    if not are_short(values):
        values = {name: text if len(text) <= CUT_TO else f"{text[:CUT_TO]}…" for name, text in values.items()}
    return {**values, **dict.fromkeys(secret_sources(parameters), MASK)}


def provider_of(step: Step, parameters: Mapping[str, JsonValue]) -> str:
    """The name of the provider that a step runs on."""
    return render_text(step.provider, plain_values(parameters)).strip()
