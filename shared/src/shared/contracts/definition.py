"""What all definitions share: strict fields, a name, a version."""

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError


def nearest(name: str, known: "list[str] | tuple[str, ...]") -> str:
    """``; did you mean 'x'?`` for the nearest known name, or nothing where none is near."""
    near = get_close_matches(name, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else ""


class Strict(BaseModel):
    """A model from outside: an unknown field is an error that names it and suggests the nearest one."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def refuse_unknown_fields(cls, data: Any) -> Any:
        """Say which field is unknown and which was probably meant."""
        if not isinstance(data, dict):
            return data
        known = [field.alias or name for name, field in cls.model_fields.items()]
        errors = [
            InitErrorDetails(
                type=PydanticCustomError("unknown_field", "unknown field{hint}", {"hint": nearest(str(key), known)}),
                loc=(str(key),),
                input=data[key],
            )
            for key in data
            if key not in known
        ]
        if errors:
            raise ValidationError.from_exception_data(cls.__name__, errors)
        return data
