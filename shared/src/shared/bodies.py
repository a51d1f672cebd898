"""Bodies: read once it is known who sends one, within a size and a time, and as JSON that means one thing.

Where the body itself says who sent it, it is read before: within a shorter time, and of each address only so much at
the same time.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, NoReturn

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.access import check_caller
from shared.admission import known_caller, unauthorized
from shared.http import RETRY_AFTER_SECONDS, ProblemError, store_away
from shared.store.port import StoreUnavailableError

MEBIBYTE = 1024 * 1024
LARGE_BODIES = ("/webhooks/", "/api/v2/alerts", "/api/v1/definitions/plan", "/api/v1/inventories/read")
"""Where bodies come from programs that cannot be told to write less, or are the files of a whole directory, or a text
whose characters are counted, of which each may take several bytes."""


_BODY = "opsimate.body"
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


@dataclass(frozen=True)
class BodyLimits:
    """How much is read, in bytes, and for how long, in seconds."""

    usual: int = MEBIBYTE
    large: int = 16 * MEBIBYTE
    seconds: float = 60.0
    unverified_seconds: float = 10.0
    """Of a body by which its sender is verified."""
    unverified_of_address: int = 64 * MEBIBYTE
    """Of all such bodies of one address that are not verified yet."""
    unverified: int = 256 * MEBIBYTE
    """Of those of all addresses."""

    def most(self, path: str) -> int:
        """The largest body that is taken at this path."""
        return self.large if path.startswith(LARGE_BODIES) else self.usual


USUAL_LIMITS = BodyLimits()


class BodyGuard:
    """Before the first byte of a body is read, its sender's token is checked; then size and time are limited.

    Every endpoint's body is held to it, whoever reads it. An endpoint whose dependencies name no ``May`` gets none,
    unless it asked for it by ``read_before_verified``.
    """

    def __init__(self, app: ASGIApp, limits: BodyLimits = USUAL_LIMITS) -> None:
        self._app = app
        self._limits = limits
        self._unverified: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        guarded = _Guarded(scope, receive, self._limits, self._unverified)
        scope[_BODY] = guarded
        try:
            await self._app(scope, guarded.receive, send)
        finally:
            guarded.verified()


def read_before_verified(scope: Scope) -> None:
    """Let the body of this request be read although nobody knows yet who sends it: it says so itself."""
    if _BODY in scope:
        scope[_BODY].read_before_verified()


def sender_known(scope: Scope) -> None:
    """Let the body of this request be read as one of a sender that is known, although by no token of ours."""
    if _BODY in scope:
        scope[_BODY].sender_known()


def body_verified(scope: Scope) -> None:
    """Say that it is known now who sent the body that was read."""
    if _BODY in scope:
        scope[_BODY].verified()


def is_of_a_stranger(scope: Scope) -> bool:
    """Whether the body of this request is read although nobody knows yet who sends it."""
    return _BODY in scope and scope[_BODY].is_of_a_stranger


class _Guarded:
    """The body of one request. ``unverified`` has the bytes of all that are not verified yet, by their addresses."""

    def __init__(self, scope: Scope, receive: Receive, limits: BodyLimits, unverified: Counter[str]) -> None:
        self._scope = scope
        self._receive = receive
        self._limits = limits
        self._most = limits.most(scope["path"])
        self._seconds = limits.seconds
        self._received = 0
        self._is_verified_first = True
        self._is_sender_known = False
        self._unverified = unverified
        self._counted = 0
        self._address = scope["client"][0] if scope.get("client") else ""
        self._is_over = False
        self._due_at: float | None = None

    async def receive(self) -> Message:
        if self._due_at is None:
            if self._is_verified_first and not self._is_sender_known:
                await self._check_sender()
            self._check_size(_declared_length(self._scope) or 0)
            self._due_at = asyncio.get_running_loop().time() + self._seconds
        if self._is_over:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._due_at):
                message = await self._receive()
        except TimeoutError:
            detail = f"the body did not arrive whole within {self._seconds:g} s; send it again"
            raise ProblemError(408, detail, headers={"Connection": "close"}) from None
        self._received += len(message.get("body", b""))
        self._check_size(self._received)
        if not self._is_verified_first:
            self._count(len(message.get("body", b"")))
        self._is_over = not message.get("more_body", False)
        return message

    def read_before_verified(self) -> None:
        self._is_verified_first, self._seconds = False, self._limits.unverified_seconds

    def sender_known(self) -> None:
        self._is_sender_known = True

    @property
    def is_of_a_stranger(self) -> bool:
        return not self._is_verified_first and not self._is_sender_known

    def verified(self) -> None:
        self._is_sender_known = True
        self._unverified[self._address] -= self._counted
        if self._unverified[self._address] <= 0:
            del self._unverified[self._address]
        self._counted = 0

    def _count(self, size: int) -> None:
        of_address = self._unverified[self._address] + size
        if of_address > self._limits.unverified_of_address or self._unverified.total() + size > self._limits.unverified:
            detail = "too much that is not verified yet arrives at the same time; send it again in a few seconds"
            raise ProblemError(503, detail, headers={"Retry-After": str(RETRY_AFTER_SECONDS), "Connection": "close"})
        self._unverified[self._address] = of_address
        self._counted += size

    async def _check_sender(self) -> None:
        route = self._scope.get("route")
        try:
            if isinstance(route, APIRoute) and known_caller(self._scope) is None:
                await check_caller(Request(self._scope), route.dependant)
        except StoreUnavailableError as error:
            raise store_away(error) from error
        if known_caller(self._scope) is None:
            raise unauthorized("a token is needed before a body is read")

    def _check_size(self, size: int) -> None:
        if size > self._most:
            mebibytes = f"{self._most / MEBIBYTE:g} MiB"
            detail = f"the body is larger than {self._most} bytes ({mebibytes}), which is the most that is taken"
            raise ProblemError(413, detail)


def _has_body(scope: Scope) -> bool:
    return _declared_length(scope) != 0


def _declared_length(scope: Scope) -> int | None:
    """As the head says; none for a body that comes in chunks of no declared number."""
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return None
    declared = headers.get(b"content-length", b"0")
    return int(declared) if declared.isdigit() else None


class StrictJsonRoute(APIRoute):
    """The route of an endpoint that takes such a body."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, given a request that reads its body strictly."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return handle_strictly


class UnverifiedJsonRoute(StrictJsonRoute):
    """The same for one whose body, if it has one, is read before it is known who sends it: it may say so itself."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """That handler, allowed to read."""
        handle = super().get_route_handler()

        async def read_and_handle(request: Request) -> Response:
            read_before_verified(request.scope)
            return await handle(request)

        return read_and_handle


class _StrictRequest(Request):
    async def json(self) -> Any:
        return strict_json(await self.body())


def strict_json(body: bytes) -> Any:
    """A body as RFC 8259 and RFC 7493 have it; 400 for what only some readers take, ``ValueError`` for no JSON."""
    value = _DECODER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    if _SURROGATE.search(body):
        _require_whole_characters(value)
    return value


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        _refuse(f"the name {json.dumps(twice)[:100]} stands twice in one object of the body; keep one of them")
    return found


def _refuse_constant(constant: str) -> NoReturn:
    _refuse(f"the body is not JSON: {constant} is no number there")


def _require_whole_characters(value: Any) -> None:
    """JSON can write half a character, but no text holds it, and no store."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        _refuse("the body holds half a character (a lone surrogate such as \\ud800), which is no text")


def _refuse(detail: str) -> NoReturn:
    # Of all that can be raised while a body is read, FastAPI lets only this through as it is.
    raise HTTPException(400, detail)


_DECODER = json.JSONDecoder(object_pairs_hook=_each_name_once, parse_constant=_refuse_constant)
