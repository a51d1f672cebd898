"""Posts to the webhooks that are refused, noted before they are answered."""

import json
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alert_bridge.handlers.deliveries import DELIVERIES, note_not_taken
from alert_bridge.ports import AlertBridgeContext
from shared.alerts import LONGEST_SHOWN
from shared.bodies import is_of_a_stranger

PREFIX = "/webhooks"
LONGEST_ANSWER = 16_384
"""Bytes of a refusal that are read for its reason."""
FIRST_REFUSAL, FIRST_FAILURE = 400, 500


class Refusals:
    """Notes what is refused before it is answered: whoever hears of it finds it noted."""

    def __init__(self, app: ASGIApp, *, context: AlertBridgeContext) -> None:
        self._app = app
        self._context = context
        self._routes = [(route, source.name) for source in context.sources.values() for route in source.routes]
        self._beginnings = (PREFIX, *(route.path.partition("{")[0].rstrip("/") for route, _ in self._routes))
        """Of all paths that may lead to a source: nearly all others are told apart by them at once."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        source = self._source_at(scope["path"]) if scope["type"] == "http" else None
        if source is None:
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(self._context, source, scope, receive, send)
        await self._app(scope, exchange.receive, exchange.send)

    def _source_at(self, path: str) -> str | None:
        """The source that a path leads to, ``unknown`` where it leads to none that there is, none elsewhere."""
        if not path.startswith(self._beginnings):
            return None
        unknown = "unknown" if f"{path}/".startswith(f"{PREFIX}/") else None
        return next((source for route, source in self._routes if route.leads_to(path)), unknown)


class _Exchange:
    """One request and its answer, with the beginnings of both."""

    def __init__(self, context: AlertBridgeContext, source: str, scope: Scope, receive: Receive, send: Send) -> None:
        self._context = context
        self._source = source
        self._scope = scope
        self._receive = receive
        self._send = send
        self._status = 0
        self._body, self._answer = bytearray(), bytearray()

    async def receive(self) -> Message:
        message = await self._receive()
        if len(self._body) < LONGEST_SHOWN:
            self._body += message.get("body", b"")[:LONGEST_SHOWN]
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
        elif self._status >= FIRST_REFUSAL:
            if len(self._answer) < LONGEST_ANSWER:
                self._answer += message.get("body", b"")
            if not message.get("more_body", False):
                await self._note()
        await self._send(message)

    async def _note(self) -> None:
        if self._status >= FIRST_FAILURE:
            DELIVERIES.labels(self._source, "unavailable").inc()
            return
        client = self._scope.get("client")
        await note_not_taken(
            self._context,
            source=self._source,
            status=self._status,
            reason=_reason(self._status, bytes(self._answer)),
            address=client[0] if client else "",
            beginning=b"" if is_of_a_stranger(self._scope) else bytes(self._body) or self._scope["query_string"],
        )


def _reason(status: int, answer: bytes) -> str:
    """The detail of a problem, as the sender was told."""
    try:
        problem: Any = json.loads(answer)
    except ValueError:
        problem = None
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return detail if isinstance(detail, str) else f"answered with {status}"
