"""Rendering: what a run's parameters make of a step. Pure."""

from collections.abc import Mapping

from pydantic import JsonValue

from shared.contracts.action import Step
from shared.runs.binding import value_text
from shared.templating import display_command, render_text

MASK = "••••••"
"""What people see in place of a secret."""


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


def shown_values(parameters: Mapping[str, JsonValue]) -> dict[str, str]:
    """The parameters as people are shown them."""
    return {**plain_values(parameters), **dict.fromkeys(secret_sources(parameters), MASK)}


def provider_of(step: Step, parameters: Mapping[str, JsonValue]) -> str:
    """The name of the provider that a step runs on."""
    return render_text(step.provider, plain_values(parameters)).strip()


def shown_command(step: Step, parameters: Mapping[str, JsonValue]) -> str:
    """A step's command with the values in place, as it can be pasted into a shell, secrets masked."""
    return display_command(step.command, shown_values(parameters))
