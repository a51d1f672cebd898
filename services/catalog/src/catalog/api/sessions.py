"""Signing in to the console, and out of it: a token, or a link made with one, is changed for a session in a cookie."""

import math
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Body, Depends, Request, Response
from pydantic import Field, model_validator

from catalog.api.context import PREFIX, KnownTokens, Responses, problems
from catalog.domain.sign_in import FailedSignIns
from catalog.domain.views import View
from catalog.handlers.sessions import Sessions
from shared.access import Identified
from shared.admission import refuse_other_pages, shown_by_caller, unauthorized
from shared.bodies import UnverifiedJsonRoute
from shared.browsers import give_session, shown_session, take_session
from shared.clock import seconds_passed
from shared.contracts.definition import Strict
from shared.contracts.principal import Permission, Principal, Role, Token
from shared.contracts.session import BrowserSession
from shared.contracts.values import Instant
from shared.http import ProblemError

SIGN_IN_PAGE = "/sign-in"
_OTHER_PAGE = "A page of another address has sent this."

router = APIRouter(prefix=f"{PREFIX}/session", tags=["session"], route_class=UnverifiedJsonRoute)


async def sessions_of(request: Request) -> Sessions:
    """The sessions that this process knows."""
    sessions: Sessions = request.app.state.authenticator
    return sessions


KnownSessions = Annotated[Sessions, Depends(sessions_of)]
Caller = Annotated[Principal, Depends(Identified())]
Secret = Annotated[str, Field(min_length=1, max_length=4_096)]


class SignIn(Strict):
    """What somebody signs in with: one of the two."""

    token: Secret | None = None
    """A token, as `opsimate up` printed it or `POST /api/v1/tokens` made it."""
    link: Secret | None = None
    """What a link holds after `#link=`, as `opsimate console` prints it. It signs in once."""

    @model_validator(mode="after")
    def is_one_of_them(self) -> Self:
        """A token, or a link."""
        if (self.token is None) == (self.link is None):
            message = "has to hold a token or a link, and not both"
            raise ValueError(message)
        return self


class SessionView(View):
    """Who calls, and what that may do."""

    name: str = Field(examples=["admin"])
    """Of the token, also where somebody signed in with it."""
    uid: str = Field(examples=["01KB0V5W3Y3Q9M1QK5M6Y9T2XR"])
    role: Role
    kind: Literal["session", "token"]
    """`session` where a browser is signed in."""
    expires_at: Instant | None
    """When the session is over, unless it is used before that; null for a token."""
    permissions: list[Permission]
    """What the role may do. A call says which permission it lacks."""


class SignInLinkView(View):
    """A link that was just made."""

    link: str = Field(examples=["rb6kS…"])
    """What signs in. It is shown this once, and only its hash is stored."""
    path: str = Field(examples=["/sign-in#link=rb6kS…"])
    """The page that signs in with it, to stand behind the address by which a browser reaches this server."""
    expires_at: Instant


def _view(caller: Principal, session: BrowserSession | None) -> SessionView:
    return SessionView(
        name=caller.name,
        uid=caller.id,
        role=caller.role,
        kind="token" if session is None else "session",
        expires_at=None if session is None else session.expires_at,
        permissions=sorted(caller.grants),
    )


_ANSWERS: Responses = {
    200: {"description": "Signed in, by the cookie `opsimate-session-PORT`."},
    401: {"description": "The token is not known here; or the link is not, or it was used, or is too old."},
    403: {"description": _OTHER_PAGE},
    429: {"description": "Too many failures from this address. Try again after `Retry-After` seconds."},
}


@router.post("", responses=_ANSWERS, summary="Sign in", operation_id="sign_in")
async def sign_in(
    request: Request,
    response: Response,
    tokens: KnownTokens,
    sessions: KnownSessions,
    body: Annotated[SignIn, Body(examples=[{"token": "opsimate_…"}])],
) -> SessionView:
    """Change a token, or a link, for a session. The browser keeps it in a cookie that no script can read.

    The session may do what the token may, and is over when it was not used for seven days, after thirty days, and when
    the token is deleted. (`OPSIMATE_SESSION_UNUSED` and `OPSIMATE_SESSION_LONGEST` say otherwise.)
    """
    refuse_other_pages(request)
    address = request.client.host if request.client else ""
    failures: FailedSignIns = request.app.state.failed_sign_ins
    if wait := failures.seconds_to_wait(address, seconds_passed()):
        detail = "signing in failed too often from this address; wait a minute"
        raise ProblemError(429, detail, headers={"Retry-After": str(math.ceil(wait))})
    failures.note(address, seconds_passed())
    is_wrong = False
    try:
        token = await (tokens.of(body.token) if body.token else sessions.used_link(body.link or ""))
        is_wrong = token is None
    finally:
        if not is_wrong:
            failures.take_back(address)
    if token is None:
        raise unauthorized(_unknown(body))
    return await _signed_in(request, response, sessions, token)


def _unknown(body: SignIn) -> str:
    if body.token:
        return "this token is not known here"
    return "this link was used already, or is older than ten minutes; make another one with: opsimate console"


async def _signed_in(request: Request, response: Response, sessions: Sessions, token: Token) -> SessionView:
    secret, session = await sessions.open(token)
    if (before := shown_session(request)) is not None:
        await sessions.end(before)
    give_session(request, response, secret, seconds=int((session.ends_at - session.created_at).total_seconds()))
    return _view(token.principal, session)


@router.get(
    "", responses={401: {"description": "Nobody is signed in, and no token is sent."}}, summary="Show who calls"
)
async def show_session(request: Request, sessions: KnownSessions, caller: Caller) -> SessionView:
    """Who is signed in, or whose token is sent, and what that may do."""
    shown = shown_by_caller(request)
    if shown.kind == "token":
        return _view(caller, None)
    session = await sessions.of(shown.secret)
    if session is None:  # it ended this very moment
        raise unauthorized("this session is over; sign in again")
    return _view(caller, session)


@router.delete(
    "", status_code=204, responses={403: {"description": _OTHER_PAGE}}, summary="Sign out", operation_id="sign_out"
)
async def sign_out(request: Request, response: Response, sessions: KnownSessions) -> None:
    """End the session of this browser, which may be over already, or none."""
    secret = shown_session(request)
    if secret is not None:
        refuse_other_pages(request)
        await sessions.end(secret)
        take_session(request, response)


@router.post(
    "/links",
    status_code=201,
    responses=problems(_403="It is a session that asks, or a page of another address."),
    summary="Make a link that signs in",
    operation_id="create_sign_in_link",
)
async def create_link(request: Request, tokens: KnownTokens, sessions: KnownSessions, caller: Caller) -> SignInLinkView:
    """A link that signs in once, within ten minutes, with the token that this is asked with.

    Only a token can make one: a session that could would have no end.
    """
    shown = shown_by_caller(request)
    if shown.kind != "token":
        raise ProblemError(403, "a session makes no links, so that it has an end; use a token, or: opsimate console")
    token = await tokens.with_uid(caller.name, caller.id)
    if token is None:
        raise unauthorized("this token is not known here")
    secret, link = await sessions.make_link(token)
    return SignInLinkView(link=secret, path=sign_in_path(secret), expires_at=link.expires_at)


def sign_in_path(secret: str) -> str:
    """The page that signs in with a link. Browsers send to nobody what stands after the number sign."""
    return f"{SIGN_IN_PAGE}#link={secret}"
