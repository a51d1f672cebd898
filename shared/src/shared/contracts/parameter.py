"""Parameters: the named, typed values that a run binds."""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)

from shared.contracts.definition import Strict
from shared.contracts.distinct import Distinct
from shared.contracts.patterns import check_pattern
from shared.contracts.values import Description, Flag, Title, in_words, storable_number

ParameterName = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=63),
    in_words("a parameter's name is made of letters, digits and '_', and does not begin with a digit, as in disk_size"),
]
ParameterType = Literal["string", "integer", "number", "boolean", "choice", "secret", "provider"]
ParameterValue = str | int | float | bool


def _simple(value: Any) -> Any:
    if isinstance(value, list | dict):
        message = "has to be a text, a number, true or false"
        raise ValueError(message)  # noqa: TRY004 - one class for whatever a person has to mend
    return value


def _storable(value: ParameterValue) -> ParameterValue:
    return value if isinstance(value, str) else storable_number(value)


_NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?")


def _number(value: Any) -> Any:
    # pydantic takes true for 1, and 1_0 for 10.
    if isinstance(value, bool) or (isinstance(value, str) and _NUMBER.fullmatch(value) is None):
        message = "has to be a number"
        raise ValueError(message)
    return value


Number = Annotated[int | float, BeforeValidator(_number), AfterValidator(storable_number)]


def _not_too_deep(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        # The place of what is wrong would be as long as the value is deep.
        message = "is nested too deeply, or no JSON"
        raise ValueError(message) from None


GivenValue = Annotated[JsonValue, WrapValidator(_not_too_deep)]
"""A value for a parameter as somebody gave it, before it is compared with the parameter's type."""

LONGEST_VALUE = 65_536
"""In characters."""
MOST_BYTES = 128_000
"""Of one value in UTF-8. A value travels in the environment of a command, where Linux takes 128 KiB for one variable
with its name, and for one argument."""
MOST_BYTES_TOGETHER = 512_000
"""Of all values of a run. Linux takes a quarter of the stack's limit, nearly everywhere 2 MiB, for all variables and
arguments of a program, and a command may well use each value as an argument, too."""


def bytes_of(value: str) -> int:
    """How long a value is where it counts; ``ValueError`` in a sentence where it is too long for a command."""
    size = len(value.encode())
    if size > MOST_BYTES:
        message = f"has {size} bytes in UTF-8, {MOST_BYTES} are the most"
        raise ValueError(message)
    return size


_Option = Annotated[str, StringConstraints(max_length=1_000)]


class Parameter(Strict):
    """One value that an action asks for."""

    name: ParameterName
    type: ParameterType = "string"
    title: Title = ""
    description: Description = ""
    required: Flag = False
    default: Annotated[Annotated[ParameterValue, AfterValidator(_storable)] | None, BeforeValidator(_simple)] = None
    pattern: Annotated[str, StringConstraints(max_length=1_000)] | None = None
    """A regular expression that has to match the whole of a string."""
    minimum: Number | None = None
    maximum: Number | None = None
    options: Annotated[list[_Option], Field(max_length=1_000), Distinct()] | None = None
    leading_dash: Flag = False
    """Whether a value may begin with ``-``, ``+`` or ``@`` where a program might take it for an option."""
    code: Flag = False
    """Whether what is given here may be run as code. No alert rule may give it a value."""

    @field_validator("pattern")
    @classmethod
    def compiles(cls, pattern: str | None) -> str | None:
        """A pattern that is no regular expression is refused when it is saved."""
        if pattern is not None:
            check_pattern(pattern)
        return pattern

    @model_validator(mode="after")
    def has_what_its_type_takes(self) -> "Parameter":
        """A pattern belongs to a string, bounds to a number, options to a choice; a secret has no default."""
        allowed = {
            "string": {"pattern"},
            "integer": {"minimum", "maximum"},
            "number": {"minimum", "maximum"},
            "choice": {"options"},
        }
        given = {name for name in ("pattern", "minimum", "maximum", "options") if getattr(self, name) is not None}
        for name in sorted(given - allowed.get(self.type, set())):
            message = f"'{name}' means nothing for a parameter of type {self.type}"
            raise ValueError(message)
        if self.type == "choice" and not self.options:
            message = "a choice needs 'options', a list of at least one text"
            raise ValueError(message)
        if self.type == "secret" and self.default is not None:
            message = "a secret has no 'default': it would stand here in clear"
            raise ValueError(message)
        return self
