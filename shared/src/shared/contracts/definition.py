"""What all definitions share: a kind, a name, what they name besides, and errors that suggest what was meant."""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, ClassVar, NamedTuple, Self, Union, get_args, get_origin

from pydantic import ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from shared.contracts.model import Documented, Message
from shared.contracts.problem import nearest, sentence_of
from shared.contracts.values import Name

MOST_FINDINGS = 100
"""In one object: looking for what a hundred thousand unknown fields may have meant would hold up everybody else."""


MOST_LISTED = 6
"""Fields that an object may have for all of them to be named to somebody whose field is like none of them."""
MOST_SHOWN = 4
"""Fields of an object that are named to somebody who has given something else."""
_NO_FIELDS = frozenset({"model_type", "model_attributes_type", "dict_type"})
"""What pydantic calls it that something else was given than an object."""
_EITHER = frozenset({Union, UnionType, Annotated})
"""Around what a field takes."""


class Strict(Documented):
    """A model from outside: an unknown field is an error that names it and suggests the nearest one."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="wrap")
    @classmethod
    def suggest_fields(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Say for every unknown field which one was probably meant."""
        try:
            return handler(data)
        except ValidationError as error:
            details = error.errors(include_url=False)[:MOST_FINDINGS]
            found = [cls._explained(detail) if len(detail["loc"]) <= 1 else _kept(detail) for detail in details]
            raise ValidationError.from_exception_data(cls.__name__, found) from None

    @classmethod
    def _explained(cls, detail: Any) -> InitErrorDetails:
        if detail["type"] in _NO_FIELDS and not detail["loc"]:
            shown = ", ".join(f"{name}: …" for name in cls.written_names()[:MOST_SHOWN])
            sentence = f"has to be fields with their values, as {{{shown}}}"
            return _kept({**detail, "ctx": {"sentence": sentence}})
        if detail["type"] != "extra_forbidden":
            return _kept(detail)
        hint = cls._hint(str(detail["loc"][0]))
        error = PydanticCustomError("unknown_field", "unknown field{hint}", {"hint": hint})
        return InitErrorDetails(type=error, loc=detail["loc"], input=None)

    @classmethod
    def _hint(cls, name: str) -> str:
        """Where a field stands that was written a level too high; else which one was meant, or may be."""
        for field_name, field in cls.model_fields.items():
            if any(name in inner.written_names() for inner in _objects(field.annotation)):
                outer = field.alias or field_name
                return f"; it stands in '{outer}': write {outer}: {{{name}: …}}"
        names = cls.written_names()
        listed = f"; known are: {', '.join(names)}" if 0 < len(names) <= MOST_LISTED else ""
        return nearest(name, names) or listed

    @classmethod
    def written_names(cls) -> list[str]:
        """The fields as people write them: ``from``, which is no name that Python takes."""
        return [field.alias or name for name, field in cls.model_fields.items()]


def _objects(annotation: Any) -> Iterator[type[Strict]]:
    """The objects that a field takes as they are: not those that its list or map holds."""
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        yield annotation
    elif get_origin(annotation) in _EITHER:
        for one in get_args(annotation):
            yield from _objects(one)


def _kept(detail: Any) -> InitErrorDetails:
    """The same finding again, as pydantic takes it: its finished sentence under its type."""
    error = PydanticCustomError(detail["type"], "{sentence}", {"sentence": sentence_of(detail)})
    return InitErrorDetails(type=error, loc=detail["loc"], input=None)


class Reference(NamedTuple):
    """Another definition, as one names it."""

    kind: str
    """The word of its kind."""
    name: str
    field: str
    """Where the name stands, such as ``steps.2.provider``."""


class Definition(Strict):
    """A definition of whatever kind."""

    kind: str
    name: Name

    def references(self) -> Iterator[Reference]:
        """What it names, as far as it tells by itself: nothing, where a kind does not say otherwise."""
        yield from ()


class DefinitionsChanged(Message):
    """Event: these definitions of one kind were made, changed or deleted. Only kinds whose changes the scheduler has to
    hear of soon are told of.
    """

    kind: ClassVar[str] = "definitions_changed"
    word: str
    """Of their kind."""
    names: list[str]
