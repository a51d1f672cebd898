"""Sees every refusal of a webhook, whoever made it: the limit of bodies, the check of tokens, the webhook itself."""

import json
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alert_bridge.bridge import Bridge
from alert_bridge.deliveries import DELIVERIES, LONGEST_KEPT, note_not_taken
from alert_bridge.domain.sources import SOURCES

PREFIX = "/webhooks/"
LONGEST_ANSWER = 16_384
"""Bytes of a refusal that are read for its reason."""
FIRST_REFUSAL, FIRST_FAILURE = 400, 500


class Refusals:
    """Notes what was refused once it is answered, so that the sender does not wait for it."""

    def __init__(self, app: ASGIApp, *, bridge: Bridge) -> None:
        self._app = app
        self._bridge = bridge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        seen = _Exchange(receive, send)
        await self._app(scope, seen.receive, seen.send)
        source = scope["path"].removeprefix(PREFIX)
        source = source if source in SOURCES else "unknown"
        if seen.status >= FIRST_FAILURE:
            DELIVERIES.labels(source, "unavailable").inc()
        elif seen.status >= FIRST_REFUSAL:
            client = scope.get("client")
            await note_not_taken(
                self._bridge,
                source=source,
                outcome="refused",
                status=seen.status,
                reason=_reason(seen.status, bytes(seen.answer)),
                address=client[0] if client else "",
                beginning=bytes(seen.body) or scope["query_string"],
            )


class _Exchange:
    """One request and its answer, with the beginnings of both."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self.status = 0
        self.body, self.answer = bytearray(), bytearray()

    async def receive(self) -> Message:
        message = await self._receive()
        if len(self.body) < LONGEST_KEPT:
            self.body += message.get("body", b"")[:LONGEST_KEPT]
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif self.status >= FIRST_REFUSAL and len(self.answer) < LONGEST_ANSWER:
            self.answer += message.get("body", b"")
        await self._send(message)


def _reason(status: int, answer: bytes) -> str:
    """The detail of a problem, as the sender was told."""
    try:
        problem: Any = json.loads(answer)
    except ValueError:
        problem = None
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return detail if isinstance(detail, str) else f"answered with {status}"
