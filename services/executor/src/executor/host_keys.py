"""Pinned host keys: the fingerprint that a provider showed first holds for all executors, from then on."""

import structlog

from executor.domain.target import Pin
from executor.persistence import until_stored
from shared.clock import Clock
from shared.collections import HOST_KEYS
from shared.contracts.provider import ProviderDefinition, SshConnection
from shared.contracts.values import instant_text
from shared.definitions import Stored
from shared.remembered import Remembered
from shared.store.port import DocumentStore, DuplicateKeyError

log = structlog.get_logger()


class HostKeys:
    """The pins that the store keeps. A provider made anew, or at another address, has none yet."""

    def __init__(self, store: DocumentStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: Remembered[str] = Remembered(most=10_000)
        """A pin never changes, so it is read once."""

    async def of(self, provider: Stored[ProviderDefinition], ssh: SshConnection) -> str | None:
        """The fingerprint that is pinned."""
        pin = pin_id(provider.uid, ssh)
        if (known := self._known.get(pin)) is not None:
            return known
        document = await self._store.get(HOST_KEYS, pin)
        if document is None:
            return None
        self._known.remember(pin, document["fingerprint"])
        return str(document["fingerprint"])

    def pin_for(self, provider: Stored[ProviderDefinition], ssh: SshConnection) -> Pin:
        """What pins the fingerprint that the provider shows."""

        async def pin(fingerprint: str) -> str:
            document = {
                "id": pin_id(provider.uid, ssh),
                "provider": provider.name,
                "fingerprint": fingerprint,
                "pinned_at": instant_text(self._clock()),
            }
            try:
                await until_stored(lambda: self._store.insert(HOST_KEYS, document), "a host key")
            except DuplicateKeyError:
                # Another executor met the provider at the same time, and was first.
                return await self.of(provider, ssh) or fingerprint
            log.info("host_key.pinned", provider=provider.name, fingerprint=fingerprint)
            return fingerprint

        return pin


def pin_id(uid: str, ssh: SshConnection) -> str:
    """Names a provider at an address."""
    return f"{uid}:{ssh.host}:{ssh.port}"
