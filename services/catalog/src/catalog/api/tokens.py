"""Tokens over HTTP: who may call."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import Field

from catalog.api.context import PREFIX, KnownTokens, problems
from catalog.api.requests import Page, PageQuery, id_of, page_by_id
from catalog.domain.views import View
from catalog.handlers.tokens import existing_token, make_token, remove_token
from shared.access import May
from shared.contracts.principal import Principal, PrincipalKind, Role, Token, TokenDefinition
from shared.contracts.values import Instant
from shared.strict_json import StrictJsonRoute

router = APIRouter(prefix=f"{PREFIX}/tokens", tags=["tokens"], route_class=StrictJsonRoute)

Reader = Annotated[Principal, Depends(May("tokens.read"))]
Writer = Annotated[Principal, Depends(May("tokens.write"))]


class TokenView(View):
    """What is shown of a token: everything but itself."""

    name: str = Field(examples=["alertmanager"])
    uid: str = Field(examples=["01KB0V5W3Y3Q9M1QK5M6Y9T2XR"])
    """Names this token among all that ever had its name: what a run and a request to cancel keep of who asked."""
    description: str
    kind: PrincipalKind
    """A person's runs have the trigger `manual`, a service's `api`."""
    role: Role
    """`administrator` may do everything, `alerts` may only post alerts."""
    created_at: Instant


class NewTokenView(TokenView):
    """A token that was just made."""

    token: str = Field(examples=["opsimate_…"])
    """The token itself. It is shown this once, and only its hash is stored."""


NewToken = Annotated[
    TokenDefinition,
    Body(examples=[{"name": "alertmanager", "description": "Posts alerts", "kind": "service", "role": "alerts"}]),
]


def _fields(token: Token) -> dict[str, object]:
    return {"name": token.id, **token.model_dump(exclude={"id", "version", "hash"})}


@router.post(
    "",
    status_code=201,
    responses=problems(_409="The name is taken.", _422="Something in it cannot be."),
    summary="Make a token",
)
async def create_token(tokens: KnownTokens, caller: Writer, body: NewToken, response: Response) -> NewTokenView:
    """Make a token. The answer shows it, once and for all."""
    made, token = await make_token(tokens, body, caller.name)
    response.headers["Location"] = f"{PREFIX}/tokens/{made.id}"
    return NewTokenView.model_validate({**_fields(made), "token": token})


@router.get("", responses=problems(), summary="List tokens")
async def list_tokens(tokens: KnownTokens, _caller: Reader, query: Annotated[PageQuery, Query()]) -> Page[TokenView]:
    """Tokens in the order of their names, without the tokens themselves."""
    found = await tokens.page(id_of(query.cursor), query.limit + 1)
    views = [TokenView.model_validate(_fields(one)) for one in found]
    return page_by_id(views, [one.id for one in found], query.limit)


@router.get("/{name}", responses=problems(_404="There is none of this name."), summary="Show a token")
async def show_token(tokens: KnownTokens, _caller: Reader, name: str) -> TokenView:
    """One token, without the token itself."""
    return TokenView.model_validate(_fields(await existing_token(tokens, name)))


@router.delete(
    "/{name}",
    status_code=204,
    responses=problems(_404="There is none of this name.", _409="It is the last one of an administrator."),
    summary="Delete a token",
)
async def delete_token(tokens: KnownTokens, caller: Writer, name: str) -> None:
    """Delete a token. Within seconds it opens nothing any more."""
    await remove_token(tokens, name, caller.name)
