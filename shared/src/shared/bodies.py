"""Bodies: read once it is known who sends one, and then within a size and a time."""

import asyncio
from dataclasses import dataclass

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.access import check_caller, known_caller, unauthorized
from shared.http import ProblemError, store_away
from shared.store.port import StoreUnavailableError

MEBIBYTE = 1024 * 1024
WEBHOOKS = "/webhooks/"
"""Where bodies come from programs that cannot be told to write less."""


@dataclass(frozen=True)
class BodyLimits:
    """How much is read, in bytes, and for how long, in seconds."""

    usual: int = MEBIBYTE
    of_webhooks: int = 16 * MEBIBYTE
    seconds: float = 60.0

    def most(self, path: str) -> int:
        """The largest body that is taken at this path."""
        return self.of_webhooks if path.startswith(WEBHOOKS) else self.usual


USUAL_LIMITS = BodyLimits()


class BodyGuard:
    """Before the first byte of a body is read, its sender's token is checked; then size and time are limited.

    Every endpoint's body is held to it, whoever reads it. An endpoint whose dependencies name no ``May`` gets none:
    one that verifies its sender by the body itself would have to be told apart here, and to bring limits of its own.
    """

    def __init__(self, app: ASGIApp, limits: BodyLimits = USUAL_LIMITS) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _has_body(scope):
            receive = _Guarded(scope, receive, self._limits).receive
        await self._app(scope, receive, send)


class _Guarded:
    """The body of one request."""

    def __init__(self, scope: Scope, receive: Receive, limits: BodyLimits) -> None:
        self._scope = scope
        self._receive = receive
        self._most = limits.most(scope["path"])
        self._seconds = limits.seconds
        self._received = 0
        self._is_over = False
        self._due_at: float | None = None

    async def receive(self) -> Message:
        if self._due_at is None:
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
        self._is_over = not message.get("more_body", False)
        return message

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
