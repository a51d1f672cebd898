"""What the endpoints of all kinds of definitions share."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Protocol, TypeVar

from fastapi.responses import Response
from pydantic import BaseModel, Field, JsonValue

from catalog.api.context import PREFIX, Responses, problems
from catalog.api.versions import etag
from shared.contracts.definition import Strict
from shared.contracts.problem import FieldWarning
from shared.contracts.values import Instant
from shared.http import invalid_field

DefinitionT = TypeVar("DefinitionT", bound=BaseModel)


class About(BaseModel):
    """What the catalog knows about a stored definition."""

    version: Annotated[int, Field(description="From 1; one more with every change. Also the ETag.", examples=[3])]
    uid: Annotated[str, Field(description="Names this thing among all that ever had its name.")]
    created_at: Instant
    updated_at: Instant
    updated_by: Annotated[str, Field(description="The name of the token that wrote this version.", examples=["admin"])]
    warnings: Annotated[
        list[FieldWarning],
        Field(
            exclude_if=lambda warnings: not warnings,
            description="Only in the answer to POST and PUT: what is saved and may not do what is meant.",
        ),
    ] = []


class AsShown(Strict):
    """What an answer shows besides the definition may come back with it, and means nothing then."""

    version: Annotated[JsonValue, Field(exclude=True, description="Ignored: the version counts by itself.")] = None
    uid: Annotated[JsonValue, Field(exclude=True, description="Ignored.")] = None
    created_at: Annotated[JsonValue, Field(exclude=True, description="Ignored.")] = None
    updated_at: Annotated[JsonValue, Field(exclude=True, description="Ignored.")] = None
    updated_by: Annotated[JsonValue, Field(exclude=True, description="Ignored.")] = None
    warnings: Annotated[JsonValue, Field(exclude=True, description="Ignored.")] = None


class StoredThing(Protocol):
    """What every stored definition says about itself."""

    @property
    def name(self) -> str: ...
    @property
    def uid(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def updated_at(self) -> datetime: ...
    @property
    def updated_by(self) -> str: ...


def about(stored: StoredThing) -> dict[str, Any]:
    """The fields of ``About``, but for the warnings, which only the answer to a write has."""
    return {field: getattr(stored, field) for field in About.model_fields if field != "warnings"}


def definition_in(body: BaseModel, model: type[DefinitionT]) -> DefinitionT:
    """The definition itself, without what only came back with it."""
    return model.model_construct(**{name: getattr(body, name) for name in model.model_fields})


def require_same_name(path: str, name: str) -> None:
    """422 where the body says another name than the path."""
    if path != name:
        raise invalid_field("name", f"is '{name}' in the body and '{path}' in the path; nothing can be renamed")


def shown(view: About, status: int = 200, *, at: str | None = None, warnings: Iterable[FieldWarning] = ()) -> Response:
    """A view with its version as ETag, where it is if it was just made, and what its author is warned of."""
    view.warnings = list(warnings)
    headers = etag(view.version) | ({} if at is None else {"Location": f"{PREFIX}/{at}"})
    return Response(view.model_dump_json(), status, headers, "application/json")


_INVALID = "The body is understood, but something in it cannot be: `errors` has every field with its fix."
READ: Responses = problems(_404="There is none of this name.")
CREATE: Responses = problems(_409="The name is taken.", _422=_INVALID)
PUT: Responses = problems(_412="`If-Match` names another version.", _422=_INVALID) | {
    201: {"description": "It was created."}
}
DELETE: Responses = problems(
    _404="There is none of this name.", _409="It is in use; the detail says by what.", _412="It was changed meanwhile."
)
