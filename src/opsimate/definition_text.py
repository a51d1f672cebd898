"""A stored definition as somebody would have written it: durations with their units, defaults left out."""

from typing import Any

from pydantic import BaseModel, ValidationError

from shared.contracts.action import ActionDefinition
from shared.contracts.alert import AlertRuleDefinition
from shared.contracts.provider import ProviderDefinition
from shared.contracts.values import duration_text, seconds_of

_MODELS: dict[str, type[BaseModel]] = {
    "provider": ProviderDefinition,
    "action": ActionDefinition,
    "alert_rule": AlertRuleDefinition,
}
_DURATIONS = frozenset({"timeout", "delay", "maximum_delay", "estimated_duration"})
_VALUES_OF_OTHERS = frozenset({"parameters", "labels"})
"""What stands in these has names of its user's own."""


def as_written(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition without what goes without saying. It means the same, and can be applied again."""
    return {"kind": definition["kind"], **_with_units(_without_defaults(definition))}


def _without_defaults(definition: dict[str, Any]) -> dict[str, Any]:
    model = _MODELS.get(definition["kind"])
    try:
        stored = None if model is None else model.model_validate(definition)
    except ValidationError:  # a newer server's; what its fields mean is not known here
        stored = None
    if stored is None:
        return {key: value for key, value in definition.items() if value not in (None, "", [], {})}
    return stored.model_dump(mode="json", exclude_defaults=True)


def _with_units(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: inner if key in _VALUES_OF_OTHERS else _duration(key, inner) for key, inner in value.items()}
    return [_with_units(item) for item in value] if isinstance(value, list) else value


def _duration(key: str, value: Any) -> Any:
    if key not in _DURATIONS or not isinstance(value, int | float):
        return _with_units(value)
    text = duration_text(value)
    return text if seconds_of(text) == value else value
