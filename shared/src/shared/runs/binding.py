"""Binding: the values given for an action's parameters, checked and typed, and what they make of a step. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue, ValidationError

from shared.commands import broken_limits
from shared.contracts.action import ActionDefinition
from shared.contracts.compiled_action import Limit
from shared.contracts.parameter import LONGEST_VALUE, MOST_BYTES_TOGETHER, Parameter, ParameterValue, bytes_of
from shared.contracts.patterns import matches_whole
from shared.contracts.problem import FieldError, nearest
from shared.contracts.provider import SecretReference
from shared.contracts.values import MOST_INTEGER, is_name, storable_number
from shared.placeholders import render_text

TRUE_WORDS = frozenset({"true", "yes", "on", "1"})
FALSE_WORDS = frozenset({"false", "no", "off", "0"})

MOST_DIGITS = 100
"""Of an integer in a text, zeros before it and spaces around it included."""
LONGEST_ABOUT = 200
"""Characters of what a parameter says of itself, where a value cannot be."""
_INTEGER = re.compile("-?[0-9]+")


@dataclass
class Binding:
    """An action's parameters with their values."""

    values: dict[str, ParameterValue] = field(default_factory=dict)
    secret_names: dict[str, str] = field(default_factory=dict)
    """Parameters of type secret that name a stored one."""
    secret_values: dict[str, str] = field(default_factory=dict, repr=False)
    """Parameters of type secret whose value was given."""
    errors: list[FieldError] = field(default_factory=list)
    """What cannot be; where there is any, nothing else here counts."""


def bind(action: ActionDefinition, given: Mapping[str, JsonValue], limits: Sequence[Limit] = ()) -> Binding:
    """Check every value that is given, and fill in defaults.

    Texts are taken for numbers and truth values where they read as such, since command lines and alerts have
    nothing but texts. ``limits`` are those that the places of the values set: see `CompiledAction`.
    """
    binding = Binding()
    known = {parameter.name: parameter for parameter in action.parameters}
    for name in given:
        if name not in known:
            _refuse(binding, name, f"the action '{action.name}' has no such parameter{nearest(name, known)}")
    for parameter in action.parameters:
        value = given.get(parameter.name)
        if value is None:
            value = parameter.default
        if value is not None:
            _bind_one(binding, parameter, value)
        elif parameter.required:
            _refuse(binding, parameter.name, "is required")
        elif parameter.type in {"string", "secret"}:
            # An optional text that nobody gave is the empty text, so that commands can refer to it.
            binding.values[parameter.name] = ""
        else:
            _refuse(
                binding,
                parameter.name,
                f"is required: a parameter of type {parameter.type} without a default cannot be left out"
                + _to_choose(parameter),
            )
    texts = {name: value_text(value) for name, value in binding.values.items()} | binding.secret_values
    for name, message in broken_limits(limits, texts):
        _refuse(binding, name, message)
    _bind_all(binding)
    return binding


def _to_choose(parameter: Parameter) -> str:
    """Behind what is said of a choice: what can be chosen."""
    return f"; one of: {', '.join(parameter.options or ())}" if parameter.type == "choice" else ""


def _bind_all(binding: Binding) -> None:
    """Refuse the longest value where all of them together are more than a command can be given."""
    texts = {name: value_text(value) for name, value in binding.values.items()} | binding.secret_values
    sizes = {name: len(text.encode()) for name, text in texts.items()}
    if (together := sum(sizes.values())) > MOST_BYTES_TOGETHER:
        longest = max(sizes, key=lambda name: sizes[name])
        message = f"has {sizes[longest]} bytes, all values together {together}; {MOST_BYTES_TOGETHER} are the most"
        _refuse(binding, longest, message)


def _bind_one(binding: Binding, parameter: Parameter, value: JsonValue) -> None:
    try:
        if parameter.type == "secret":
            _bind_secret(binding, parameter.name, value)
        else:
            binding.values[parameter.name] = typed_value(parameter, value)
    except ValueError as error:
        _refuse(binding, parameter.name, str(error))


def _refuse(binding: Binding, name: str, message: str) -> None:
    binding.errors.append(FieldError(field=f"parameters.{name}", message=message))


def _bind_secret(binding: Binding, name: str, value: JsonValue) -> None:
    if isinstance(value, str):
        binding.secret_values[name] = _text(value)
        return
    try:
        binding.secret_names[name] = SecretReference.model_validate(value).secret
    except ValidationError:
        # The value itself may be a secret given in the wrong form, so it is not repeated.
        message = 'a secret is given as {"secret": "name"} of a stored one, or as its value in a text'
        raise ValueError(message) from None


def typed_value(parameter: Parameter, value: JsonValue) -> ParameterValue:
    """The value as the parameter's type has it; ``ValueError`` in a sentence where it cannot be."""
    match parameter.type:
        case "integer":
            return _within(parameter, _integer(value))
        case "number":
            return _within(parameter, _number(value))
        case "boolean":
            return _boolean(value)
        case "choice":
            return _chosen(parameter.options or [], _text(value))
        case "provider":
            return _provider(value)
        case _:
            return _patterned(parameter, _text(value))


def _text(value: JsonValue) -> str:
    if isinstance(value, bool | int | float):
        value = value_text(storable_number(value))
    if not isinstance(value, str):
        message = f"a text is expected, not {_kind(value)}"
        raise ValueError(message)  # noqa: TRY004 - one class for whatever a person has to mend
    if len(value) > LONGEST_VALUE:
        message = f"has {len(value)} characters, {LONGEST_VALUE} are the most"
        raise ValueError(message)
    if "\0" in value:
        message = "holds a NUL, which no command can be given"
        raise ValueError(message)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        message = "holds half a character (a lone surrogate), which is no text"
        raise ValueError(message) from error
    bytes_of(value)
    return value


def _integer(value: JsonValue) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        # More digits are not read: they are too many for 64 bits, and reading takes the square of their number.
        value = int(value) if len(value) <= MOST_DIGITS else MOST_INTEGER + 1
    if isinstance(value, int) and not isinstance(value, bool):
        storable_number(value)
        return value
    message = f"{_shown(value)} is not an integer"
    raise ValueError(message)


def _number(value: JsonValue) -> int | float:
    number: int | float | None = None
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = value
    elif isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            number = None
    if number is None:
        message = f"{_shown(value)} is not a number"
        raise ValueError(message)
    return storable_number(number)


def _within(parameter: Parameter, number: float) -> int | float:
    if parameter.minimum is not None and number < parameter.minimum:
        message = f"{number} is less than the minimum, {parameter.minimum}"
        raise ValueError(message)
    if parameter.maximum is not None and number > parameter.maximum:
        message = f"{number} is more than the maximum, {parameter.maximum}"
        raise ValueError(message)
    return number


def _boolean(value: JsonValue) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in TRUE_WORDS | FALSE_WORDS:
        return word in TRUE_WORDS
    message = f"{_shown(value)} is neither true nor false"
    raise ValueError(message)


def _chosen(options: list[str], value: str) -> str:
    if value in options:
        return value
    message = f"{_shown(value)} is none of: {', '.join(options[:20])}{nearest(value, options)}"
    raise ValueError(message)


def _provider(value: JsonValue) -> str:
    # As it is stored it is used, so nothing is trimmed here.
    if isinstance(value, str) and is_name(value):
        return value
    message = f"{_shown(value)} is no provider's name: a text of a-z, 0-9, '.', '_' and '-' with no spaces around it"
    raise ValueError(message)


def _patterned(parameter: Parameter, value: str) -> str:
    if parameter.pattern is not None and not matches_whole(parameter.pattern, value):
        about = " ".join((parameter.description or parameter.title).split())[:LONGEST_ABOUT]
        form = f" ({about})" if about else ""
        refused = f"{_shown(value)} is not of the form that is taken here{form}"
        message = f"{refused}: it does not match the pattern {parameter.pattern}"
        raise ValueError(message)
    return value


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}…"  # noqa: PLR2004 - a line's worth


def _kind(value: Any) -> str:
    return {list: "a list", dict: "an object", type(None): "null"}.get(type(value), type(value).__name__)


def value_text(value: ParameterValue) -> str:
    """A value as commands see it: a truth value as ``true`` or ``false``, a number as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value)


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
    return {**shown_texts(plain_values(parameters)), **dict.fromkeys(secret_sources(parameters), MASK)}


def shown_texts(values: Mapping[str, str]) -> Mapping[str, str]:
    """Values as people are shown them in a command: the beginning of each where they are long together."""
    if are_short(values):
        return values
    return {name: text if len(text) <= CUT_TO else f"{text[:CUT_TO]}…" for name, text in values.items()}


def provider_of(written: str, parameters: Mapping[str, JsonValue]) -> str:
    """The name of the provider that stands in a step, or that a parameter names there."""
    return render_text(written, plain_values(parameters)).strip()
