"""Resolving: from the names in an attempt to the provider, its host key, the credentials and the values."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import structlog
from pydantic import JsonValue

from executor.domain.provider import LearnType, Pin, SshProvider
from executor.handlers.persistence import retry_until_available
from shared.clock import Clock
from shared.collections import HOST_KEYS, RUNS
from shared.contracts.attempt import Attempt
from shared.contracts.parameter import MOST_BYTES_TOGETHER
from shared.contracts.provider import (
    MOST_JUMPS,
    HostKey,
    ProviderDefinition,
    SecretReference,
    SshConnection,
    pin_id,
    read_host_key,
)
from shared.contracts.values import instant_text
from shared.definitions import Stored, bound_to_secret, sealed_secrets, stored_of
from shared.encryption import MasterKeyError, Sealer
from shared.kinds import PROVIDER
from shared.lru_cache import LruCache
from shared.runs.binding import plain_values
from shared.runs.composing import bound_to_run
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


class MisconfiguredError(Exception):
    """Something that the provider or the attempt needs is missing or cannot be opened; says what to do."""


@dataclass(frozen=True)
class Values:
    """The values of an attempt's parameters: those that everybody may see, and the secret ones."""

    plain: Mapping[str, str]
    secret: Mapping[str, str] = field(repr=False)


@dataclass
class Resolver:
    """Reads providers and secrets anew for every attempt, so that a change holds from the next one on."""

    store: DocumentStore
    sealer: Sealer
    host_keys: HostKeys
    _heads: LruCache[Stored[ProviderDefinition]] = field(default_factory=lambda: LruCache(most=1_000), repr=False)
    """By what tells one version of a provider from all others."""
    _resolved: WeakValueDictionary[tuple[Hashable, ...], SshProvider] = field(
        default_factory=WeakValueDictionary, repr=False
    )
    """By all that was read for it: its secrets stay opened for as long as somebody has a connection with them."""

    async def provider(self, name: str) -> SshProvider | None:
        """Where the provider is and how to log in there; none for the machine that the executor runs on.

        ``MisconfiguredError`` where something is missing.
        """
        return await self._provider(name, frozenset())

    async def _provider(self, name: str, seen: frozenset[str]) -> SshProvider | None:
        head = await self._head(name)
        ssh = head.definition.connection.ssh
        if ssh is None:
            return None
        if name in seen or len(seen) > MOST_JUMPS:
            raise MisconfiguredError(f"the jump hosts of '{name}' lead in a circle, or over more than {MOST_JUMPS}")
        jump = None
        if ssh.jump is not None:
            jump = await self._provider(ssh.jump, seen | {name})
            if jump is None:
                raise MisconfiguredError(f"the jump host '{ssh.jump}' of '{name}' is not reached over SSH")
        return await self._ssh_provider(head, ssh, jump)

    async def _head(self, name: str) -> Stored[ProviderDefinition]:
        document = await self.store.get(PROVIDER.collection, name)
        if document is None:
            raise MisconfiguredError(f"there is no provider '{name}' any more; create it, or change the action")
        version = f"{document['uid']} {document['number']} {document['at']}"
        head = self._heads.get(version)
        if head is None:
            head = stored_of(PROVIDER, document)
            self._heads.remember(version, head)
        return head

    async def _ssh_provider(
        self, head: Stored[ProviderDefinition], ssh: SshConnection, jump: SshProvider | None
    ) -> SshProvider:
        references = {
            "private_key": ssh.private_key,
            "passphrase": ssh.passphrase,
            "certificate": ssh.certificate,
            "password": ssh.password,
        }
        secrets = await self._secrets(_names(references.values()), f"provider '{head.name}'")
        made_of = (head.uid, head.version, head.updated_at, jump, *secrets.values())
        known = self._resolved.get(made_of)
        if known is not None:
            return known
        opened = {use: self._opened(ref.secret, secrets) for use, ref in references.items() if ref is not None}
        host_key = None if ssh.host_ca is not None else await self.host_keys.of(head, ssh)
        provider = SshProvider(
            key=head.uid,
            pin=self.host_keys.pin_for(head, ssh),
            learn_type=self.host_keys.learn_type_for(head),
            host=ssh.host,
            port=ssh.port,
            user=ssh.user,
            host_key=host_key.fingerprint if host_key else None,
            host_key_type=host_key.type if host_key else None,
            host_ca=ssh.host_ca,
            jump=jump,
            **opened,
        )
        if provider.host_ca is not None or provider.host_key_type is not None:  # else more of it is learnt at a log-in
            self._resolved[made_of] = provider
        return provider

    async def values(self, attempt: Attempt) -> "Values":
        """The values of all parameters; ``MisconfiguredError`` where they cannot be had or carried."""
        plain = await self._plain_values(attempt)
        secret = await self._secret_values(attempt)
        together = sum(len(value.encode()) for value in (*plain.values(), *secret.values()))
        if together > MOST_BYTES_TOGETHER:
            raise MisconfiguredError(
                f"the values of the parameters have {together} bytes together, stored secrets included; "
                f"{MOST_BYTES_TOGETHER} are the most"
            )
        return Values(plain, secret)

    async def _plain_values(self, attempt: Attempt) -> Mapping[str, str]:
        """Long ones stand in the attempt's run alone."""
        if attempt.parameters is not None:
            return attempt.parameters
        run = await self.store.get(RUNS, attempt.run_id)
        if run is None:
            raise MisconfiguredError(f"the run {attempt.run_id}, which holds the values of its parameters, is gone")
        return plain_values(run["parameters"])

    async def _secret_values(self, attempt: Attempt) -> dict[str, str]:
        if not attempt.secrets:
            return {}
        names = [str(source["secret"]) for source in _sources(attempt) if "secret" in source]
        secrets = await self._secrets(names, f"step '{attempt.step}'")
        return {
            parameter: self._value(attempt, parameter, source, secrets)
            for parameter, source in attempt.secrets.items()
            if isinstance(source, dict)
        }

    def _value(
        self,
        attempt: Attempt,
        parameter: str,
        source: Mapping[str, JsonValue],
        secrets: Mapping[str, str],
    ) -> str:
        if "secret" in source:
            return self._opened(str(source["secret"]), secrets)
        bound_to = bound_to_run(attempt.run_id, parameter)
        return self._open(str(source.get("sealed")), bound_to, f"the secret parameter '{parameter}'")

    async def _secrets(self, names: Collection[str], user: str) -> dict[str, str]:
        """What is sealed of each, in the order of their names."""
        found = await sealed_secrets(self.store, names) if names else {}
        wanted = sorted(set(names))
        for name in wanted:
            if name not in found:
                raise MisconfiguredError(f"there is no secret '{name}', which {user} needs; create it")
        return {name: found[name] for name in wanted}

    def _opened(self, name: str, secrets: Mapping[str, str]) -> str:
        return self._open(secrets[name], bound_to_secret(name), f"the secret '{name}'")

    def _open(self, sealed: str, bound_to: str, what: str) -> str:
        try:
            return self.sealer.open(sealed, bound_to=bound_to)
        except MasterKeyError as error:
            raise MisconfiguredError(f"{what} cannot be opened: {error}") from error


def _names(references: Iterable[SecretReference | None]) -> list[str]:
    return [reference.secret for reference in references if reference is not None]


def _sources(attempt: Attempt) -> list[Mapping[str, JsonValue]]:
    return [source for source in attempt.secrets.values() if isinstance(source, dict)]
