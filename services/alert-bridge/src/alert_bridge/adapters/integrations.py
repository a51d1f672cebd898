"""The integrations as they are stored, with the secrets that verify their senders."""

import asyncio
import time
from collections.abc import Sequence

import structlog

from alert_bridge.domain.source import Integration
from shared.contracts.integration import IntegrationDefinition
from shared.definitions import integrations, secret_place, stored_secrets
from shared.encryption import MasterKeyError, Sealer
from shared.store.port import DocumentStore

REMEMBERED_SECONDS = 2.0
"""For how long what was read is used again: whoever has no token can make nobody read more often."""

log = structlog.get_logger()


class IntegrationReader:
    """Reads integrations, and opens their secrets in memory only."""

    def __init__(self, store: DocumentStore, sealer: Sealer) -> None:
        self._store = store
        self._sealer = sealer
        self._known: list[Integration] = []
        self._read_at: float | None = None
        self._reading = asyncio.Lock()

    async def read(self, source: str) -> Sequence[Integration]:
        """Those of this source, by name, as they were within the last two seconds."""
        async with self._reading:
            now = time.monotonic()
            if self._read_at is None or now - self._read_at > REMEMBERED_SECONDS:
                self._known = [await self._opened(one.definition) for one in await integrations(self._store)]
                self._read_at = now
        return [one for one in self._known if one.source == source]

    async def _opened(self, definition: IntegrationDefinition) -> Integration:
        if definition.verify.hmac is None:
            return Integration(definition.source, definition.name)
        names = definition.verify.hmac.secrets
        stored = await stored_secrets(self._store, names)
        secrets: list[bytes] = []
        for name in names:
            try:
                secrets.append(self._sealer.open(stored[name].sealed, place=secret_place(name)).encode())
            except (KeyError, MasterKeyError) as error:
                reason = "it is missing" if isinstance(error, KeyError) else str(error)
                log.warning("integration.without_secret", integration=definition.name, secret=name, error=reason)
        return Integration(definition.source, definition.name, "hmac", secrets)
