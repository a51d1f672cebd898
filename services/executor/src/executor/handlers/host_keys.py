"""The keys of providers: pinned once for all executors, and known by their types."""

import structlog

from executor.domain.provider import LearnType, Pin
from executor.handlers.persistence import retry_until_available
from shared.clock import Clock
from shared.collections import HOST_KEYS
from shared.contracts.host_key import HostKey, read_host_key
from shared.contracts.provider import ProviderDefinition, SshConnection, pin_id
from shared.contracts.values import instant_text
from shared.definitions import Stored
from shared.lru_cache import LruCache
from shared.store.port import Document, DocumentStore, DuplicateKeyError, StoreUnavailableError

log = structlog.get_logger()


class HostKeys:
    """The pins that the store keeps: the key that a provider showed first holds for all executors, from then on.

    A provider made anew, or at another address, has none yet.
    """

    def __init__(self, store: DocumentStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: LruCache[HostKey] = LruCache(most=10_000)
        """A pin never changes, so it is read once."""
        self._types: LruCache[str] = LruCache(most=10_000)
        """By fingerprint."""

    async def of(self, provider: Stored[ProviderDefinition], ssh: SshConnection) -> HostKey | None:
        """The key that the provider has to show: the one in its definition, or the one that is pinned."""
        key = read_host_key(ssh.host_key) if ssh.host_key is not None else await self._pinned(provider, ssh)
        if key is None or key.type is not None:
            return key
        return HostKey(key.fingerprint, await self._type_of(key.fingerprint))

    def pin_for(self, provider: Stored[ProviderDefinition], ssh: SshConnection) -> Pin:
        """What pins the key that the provider shows."""

        async def pin(shown: HostKey) -> HostKey:
            document = {
                "id": pin_id(provider.uid, ssh),
                "provider": provider.name,
                "fingerprint": shown.fingerprint,
                "key_type": shown.type,
                "pinned_at": instant_text(self._clock()),
            }
            try:
                await retry_until_available(lambda: self._store.insert(HOST_KEYS, document), "a host key")
            except DuplicateKeyError:
                # Another executor met the provider at the same time, and was first.
                return await retry_until_available(lambda: self._pinned(provider, ssh), "a host key") or shown
            log.info("host_key.pinned", provider=provider.name, fingerprint=shown.fingerprint)
            return shown

        return pin

    def learn_type_for(self, provider: Stored[ProviderDefinition]) -> LearnType:
        """What remembers the type of a key; where the store is away, for this process only."""

        async def learn(shown: HostKey) -> None:
            if shown.type is None:
                return
            self._types.remember(shown.fingerprint, shown.type)
            document = {"id": shown.fingerprint, "provider": provider.name, "key_type": shown.type}
            try:
                await self._store.insert(HOST_KEYS, document)
            except DuplicateKeyError:
                return  # another executor, or another provider with this key, was first
            except StoreUnavailableError as error:
                log.debug("host_key.type_not_stored", provider=provider.name, error=str(error))

        return learn

    async def _pinned(self, provider: Stored[ProviderDefinition], ssh: SshConnection) -> HostKey | None:
        pin = pin_id(provider.uid, ssh)
        if (known := self._known.get(pin)) is not None:
            return known
        document = await self._store.get(HOST_KEYS, pin)
        if document is None:
            return None
        self._known.remember(pin, _host_key(document))
        return _host_key(document)

    async def _type_of(self, fingerprint: str) -> str | None:
        if (known := self._types.get(fingerprint)) is not None:
            return known
        document = await self._store.get(HOST_KEYS, fingerprint)
        if document is None:
            return None
        self._types.remember(fingerprint, document["key_type"])
        return str(document["key_type"])


def _host_key(document: Document) -> HostKey:
    """What a pin says; those of before types were kept have none."""
    return HostKey(document["fingerprint"], document.get("key_type"))
