"""Lists in which nothing may stand twice."""

from dataclasses import dataclass
from typing import Any, get_args

from pydantic import GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


@dataclass(frozen=True)
class Distinct:
    """Marks a list of which no value may be there twice: of two that are the same, one was meant to be another.

    That is asked when a definition is written, and not when a stored one is read: an earlier release took it.
    """

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Editors and callers are told."""
        return {**handler(schema), "uniqueItems": True}


def is_distinct(field: FieldInfo) -> bool:
    """Whether the lists of a field, or in it, are marked so."""
    return any(isinstance(one, Distinct) for one in field.metadata) or _marks(field.annotation)


def _marks(annotation: Any) -> bool:
    if isinstance(annotation, Distinct):
        return True
    metadata = getattr(annotation, "__metadata__", ())
    return any(map(_marks, (*metadata, *get_args(annotation))))
