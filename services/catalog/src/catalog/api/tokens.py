"""Tokens and master keys over HTTP: who may call, and who opens what is sealed."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import Field

from catalog.api.context import PREFIX, Context, KnownTokens, problems
from catalog.api.requests import Page, PageQuery, id_of, page_by_id
from catalog.api.sessions import KnownSessions
from catalog.domain.views import View
from catalog.handlers.favourites import forget_favourites
from catalog.handlers.tokens import existing_token, make_token, remove_token
from shared.access import May
from shared.bodies import StrictJsonRoute
from shared.contracts.principal import Principal, PrincipalKind, Role, Token, TokenDefinition
from shared.contracts.values import Instant
from shared.installation import master_keys_in_use

router = APIRouter(prefix=f"{PREFIX}/tokens", tags=["tokens"], route_class=StrictJsonRoute)

Reader = Annotated[Principal, Depends(May("tokens.read"))]
Writer = Annotated[Principal, Depends(May("tokens.write"))]


NewToken = Annotated[
    TokenDefinition,
    Body(examples=[{"name": "alertmanager", "description": "Posts alerts", "kind": "service", "role": "alerts"}]),
]
master_keys_router = APIRouter(prefix=f"{PREFIX}/master-keys", tags=["master keys"])


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


def _fields(token: Token) -> dict[str, object]:
    return {"name": token.id, **token.model_dump(exclude={"id", "version", "hash"})}


@router.post(
    "",
    status_code=201,
    responses=problems(_409="The name is taken.", _422="Something in it cannot be."),
    summary="Make a token",
)
async def create_token(
    context: Context, tokens: KnownTokens, caller: Writer, body: NewToken, response: Response
) -> NewTokenView:
    """Make a token. The answer shows it, once and for all."""
    made, token = await make_token(tokens, body, caller)
    context.enter_soon()
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
async def delete_token(
    context: Context, tokens: KnownTokens, sessions: KnownSessions, caller: Writer, name: str
) -> None:
    """Delete a token. Within seconds it opens nothing any more, nor does a browser that somebody signed in with by it.
    Its favourites are gone with it.
    """
    removed = await remove_token(tokens, name, caller)
    context.enter_soon()
    await sessions.end_all_of(removed)
    await forget_favourites(context.store, removed.principal.id)


class MasterKeyView(View):
    """What is shown of a master key: everything but itself."""

    id: str = Field(examples=["9f3b6c0d5e7a1284"])
    """It is worked out from the key, and tells nothing of it."""
    services: list[str] = Field(examples=[["catalog", "executor"]])
    """The services that use it now, each named once, however many of it there are."""


@master_keys_router.get("", responses=problems(), summary="List master keys in use")
async def list_master_keys(
    context: Context, _caller: Annotated[Principal, Depends(May("secrets.read"))]
) -> Page[MasterKeyView]:
    """Which services use which master key. Where there is more than one, some services cannot open what others sealed.

    A service that ended without a word is named for three minutes more.
    """
    used = await master_keys_in_use(context.store, context.clock)
    items = [MasterKeyView(id=key_id, services=names) for key_id, names in used.items()]
    return Page[MasterKeyView](items=items, next=None)
