"""Steps on many providers: which ones they are, and in which order and how many at a time they begin."""

import re
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    JsonValue,
    PlainSerializer,
    StringConstraints,
    Tag,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from shared.contracts.definition import Strict
from shared.contracts.distinct import Distinct
from shared.contracts.provider import label_text
from shared.contracts.values import Name, Whole

MOST_INVOCATIONS = 10_000
"""Providers of one step."""
MOST_INVOCATIONS_OF_A_RUN = 100_000
"""Of all its steps together: their providers are written down before anything begins."""
MOST_BATCHES = 100
"""Sizes of batches that are written down; the last of them repeats."""
MOST_LABELS = 64
MOST_LABEL_VALUES = 1_000
LONGEST_VALUE = 200

_SHARE = re.compile(r"([0-9]{1,5})\s*(%?)")
_WHOLE = 100

ProviderName = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A provider's name, or ``{{ x }}`` with a parameter of type provider."""


def _share(given: object, least: int) -> object:
    """A count, or a percentage as ``10%``."""
    text = str(given).strip() if isinstance(given, int | str) and not isinstance(given, bool) else ""
    found = _SHARE.fullmatch(text)
    most = MOST_INVOCATIONS if found is None or not found[2] else _WHOLE
    if found is None or not 0 <= int(found[1]) <= most:
        message = (
            f"has to be a number of providers from {least} to {MOST_INVOCATIONS}, such as 5, "
            f"or a percentage of them from {least}% to {_WHOLE}%, such as 10%"
        )
        raise ValueError(message)
    if int(found[1]) < least:
        message = (
            f"would be a batch without a provider ({text}), after which nothing ever begins; 1 and 1% are the least"
        )
        raise ValueError(message)
    return f"{int(found[1])}%" if found[2] else int(found[1])


def _schema_of_shares(least: int) -> WithJsonSchema:
    count: JsonValue = {"type": "integer", "minimum": least, "maximum": MOST_INVOCATIONS}
    return WithJsonSchema({"anyOf": [count, {"type": "string", "pattern": "^[0-9]{1,3}%$"}]})


Share = Annotated[int | str, BeforeValidator(lambda given: _share(given, 0)), _schema_of_shares(0)]
"""Some of a step's providers: a count, or a percentage of all of them such as ``10%``."""
BatchSize = Annotated[int | str, BeforeValidator(lambda given: _share(given, 1)), _schema_of_shares(1)]
"""The same, of which there is one at least."""


def count_of(share: int | str, width: int) -> int:
    """How many of so many providers that is: percentages are rounded up."""
    return -(-width * int(share[:-1]) // _WHOLE) if isinstance(share, str) else share


class Rollout(Strict):
    """In which order, and how many at a time, the providers of a step are gone through, and when that stops."""

    max_parallel: Annotated[Whole, Field(ge=1, le=MOST_INVOCATIONS)] | None = None
    """On how many providers at most the command runs at the same time; none: on all of a batch."""
    batches: Annotated[list[BatchSize], Field(max_length=MOST_BATCHES)] = []
    """The sizes of the batches, the last of which repeats; each begins when the one before has ended. None: all at
    once."""
    max_failures: Share = 0
    """On more providers than these the command may not fail: what has not begun by then never does, and the step
    fails."""
    check: Name | None = None
    """The step that is run after each batch; where it fails, nothing more begins, and the step fails."""


_Value = Annotated[str, StringConstraints(max_length=LONGEST_VALUE)]
_TEXT: JsonValue = {"type": "string", "maxLength": LONGEST_VALUE}
LabelValues = Annotated[
    list[_Value],
    Field(min_length=1, max_length=MOST_LABEL_VALUES),
    Distinct(),
    PlainSerializer(lambda values: values[0] if len(values) == 1 else values),
    WithJsonSchema({"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": MOST_LABEL_VALUES}]}),
]
"""One value as it is, or several of which any will do."""


class ProviderSelector(Strict):
    """Providers by their group, or by their labels."""

    group: Name | None = None
    """All providers of this provider group."""
    labels: Annotated[dict[Name, LabelValues], Field(max_length=MOST_LABELS)] | None = None
    """All providers that have every one of these labels: the value that is given, or one of several."""

    @field_validator("labels", mode="before")
    @classmethod
    def texts(cls, labels: object) -> object:
        """``env: prod`` is short for ``env: [prod]``, and ``rack: 12`` means the text."""
        if not isinstance(labels, dict):
            return labels
        return {
            key: [label_text(value) for value in (given if isinstance(given, list) else [given])]
            for key, given in labels.items()
        }

    @model_validator(mode="after")
    def is_one(self) -> "ProviderSelector":
        """Exactly one way of choosing is given, and it chooses."""
        if (self.group is None) == (self.labels is None):
            message = "needs exactly one of: group, labels"
            raise ValueError(message)
        if self.labels is not None and not self.labels:
            message = "labels would be every provider there is; name one label at least"
            raise ValueError(message)
        return self


def _several(given: object) -> object:
    if isinstance(given, list | dict | ProviderSelector):
        return given
    message = "has to be a list of names, {group: NAME} or {labels: {NAME: VALUE}}; one provider is named by provider"
    raise ValueError(message)


def _form(given: Any) -> str:
    return "[names]" if isinstance(given, list) else "[selector]"


ProvidersOfStep = Annotated[
    Annotated[Annotated[list[ProviderName], Field(min_length=1, max_length=MOST_INVOCATIONS)], Tag("[names]")]
    | Annotated[ProviderSelector, Tag("[selector]")],
    Discriminator(_form),
    BeforeValidator(_several),
]
"""Several providers by their names, or all of a group, or all that have some labels."""
