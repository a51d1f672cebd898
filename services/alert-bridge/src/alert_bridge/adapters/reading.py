"""What the alert-bridge reads of definitions, with the secrets in them: rules, integrations, channels."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from alert_bridge.domain.sending import UnusableChannelError, signing_key
from alert_bridge.domain.source import Integration
from shared.contracts.alert_rule import AlertRuleDefinition
from shared.contracts.integration import IntegrationDefinition
from shared.definitions import all_stored, bound_to_secret, stored, stored_by_name
from shared.encryption import MasterKeyError, Sealer
from shared.kinds import ALERT_RULE, CHANNEL, INTEGRATION, SECRET
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
        way = definition.verify.by_secrets
        names = [] if way is None else way.secrets
        stored = await stored_by_name(self._store, SECRET, names)
        secrets: list[bytes] = []
        for name in names:
            try:
                secrets.append(self._sealer.open(stored[name].sealed, bound_to=bound_to_secret(name)).encode())
            except (KeyError, MasterKeyError) as error:
                reason = "it is missing" if isinstance(error, KeyError) else str(error)
                log.warning("integration.without_secret", integration=definition.name, secret=name, error=reason)
        return Integration(definition.source, definition.name, definition.verify, secrets)


@dataclass(frozen=True)
class OwnProgram:
    """A program that is posted JSON."""

    url: str
    key: bytes = field(repr=False)
    """What it is signed with."""


@dataclass(frozen=True)
class AppriseAddress:
    """An address as Apprise writes it."""

    text: str = field(repr=False)


class ChannelReader:
    """Reads where a channel leads, as it is now; what is secret of it is opened in memory only."""

    def __init__(self, store: DocumentStore, sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer

    async def read(self, name: str) -> OwnProgram | AppriseAddress:
        """Where it leads; ``UnusableChannelError`` where nobody knows."""
        channel = await stored(self._store, CHANNEL, name)
        if channel is None:
            message = f"there is no channel '{name}' any more"
            raise UnusableChannelError(message)
        definition = channel.definition
        if definition.webhook is not None:
            key = await self._opened(definition.webhook.signing_key.secret)
            return OwnProgram(definition.webhook.url, signing_key(key))
        if definition.url is None:
            message = "the channel leads nowhere"
            raise UnusableChannelError(message)
        return AppriseAddress((await self._opened(definition.url.secret)).strip())

    async def _opened(self, secret: str) -> str:
        known = await stored(self._store, SECRET, secret)
        if known is None:
            message = f"there is no secret '{secret}' any more"
            raise UnusableChannelError(message)
        try:
            return self._sealer.open(known.sealed, bound_to=bound_to_secret(secret))
        except MasterKeyError as error:
            message = f"the secret '{secret}' cannot be opened: set it anew"
            raise UnusableChannelError(message) from error
