"""What the alert-bridge reads and hears outside of its own handlers: rules, integrations, and refused posts."""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alert_bridge.domain.source import Integration
from alert_bridge.handlers.deliveries import DELIVERIES, note_not_taken
from alert_bridge.ports import AlertBridgeContext
from shared.alerts import LONGEST_SHOWN
from shared.contracts.alert import AlertRuleDefinition
from shared.contracts.integration import IntegrationDefinition
from shared.definitions import all_stored, bound_to_secret, stored_by_name
from shared.encryption import MasterKeyError, Sealer
from shared.kinds import ALERT_RULE, INTEGRATION, SECRET
from shared.own_definitions import all_owned
from shared.store.port import DocumentStore


class RuleReader:
    """Reads the rules for everybody who asks, with one read for all who ask while another is under way.

    Nobody gets what was read before they asked: a rule that is saved holds for the next alert.
    """

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._reading: asyncio.Task[list[AlertRuleDefinition]] | None = None
        self._next: asyncio.Task[list[AlertRuleDefinition]] | None = None

    async def read(self) -> list[AlertRuleDefinition]:
        """Every rule, by name, and behind them those that actions own, as of a read that begins after this call."""
        if self._next is None:
            self._next = asyncio.create_task(self._read_after(self._reading))
        return await asyncio.shield(self._next)

    async def _read_after(self, before: asyncio.Task[list[AlertRuleDefinition]] | None) -> list[AlertRuleDefinition]:
        if before is not None:
            await asyncio.wait([before])
        self._reading, self._next = self._next, None
        found = await asyncio.gather(all_stored(self._store, ALERT_RULE), all_owned(self._store, ALERT_RULE))
        return [rule.definition for rules in found for rule in rules]


REMEMBERED_SECONDS = 2.0
"""For how long what was read is used again: whoever has no token can make nobody read more often."""

log = structlog.get_logger()


class IntegrationReader:
    """Reads integrations, and opens their secrets in memory only; one read serves, or fails, all who wait for it."""

    def __init__(self, store: DocumentStore, sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer
        self._known: list[Integration] = []
        self._read_at: float | None = None
        self._reading: asyncio.Task[None] | None = None

    async def read(self, source: str) -> Sequence[Integration]:
        """Those of this source, by name, as they were within the last two seconds."""
        if self._read_at is None or time.monotonic() - self._read_at > REMEMBERED_SECONDS:
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read())
            await asyncio.shield(self._reading)
        return [one for one in self._known if one.source == source]

    async def _read(self) -> None:
        now = time.monotonic()
        found = await all_stored(self._store, INTEGRATION)
        self._known = [await self._opened(one.definition) for one in found]
        self._read_at = now

    async def _opened(self, definition: IntegrationDefinition) -> Integration:
        if definition.verify.hmac is None:
            return Integration(definition.source, definition.name)
        names = definition.verify.hmac.secrets
        stored = await stored_by_name(self._store, SECRET, names)
        secrets: list[bytes] = []
        for name in names:
            try:
                secrets.append(self._sealer.open(stored[name].sealed, bound_to=bound_to_secret(name)).encode())
            except (KeyError, MasterKeyError) as error:
                reason = "it is missing" if isinstance(error, KeyError) else str(error)
                log.warning("integration.without_secret", integration=definition.name, secret=name, error=reason)
        return Integration(definition.source, definition.name, "hmac", secrets)


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
            beginning=bytes(self._body) or self._scope["query_string"],
        )


def _reason(status: int, answer: bytes) -> str:
    """The detail of a problem, as the sender was told."""
    try:
        problem: Any = json.loads(answer)
    except ValueError:
        problem = None
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return detail if isinstance(detail, str) else f"answered with {status}"
