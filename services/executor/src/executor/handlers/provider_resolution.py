"""Resolving: from the names in an attempt to the provider, its host key, the credentials and the values."""

import asyncio
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self
from weakref import WeakValueDictionary

import structlog
from pydantic import JsonValue

from executor.domain.provider import SshProvider
from executor.domain.sudo import Sudo
from executor.handlers.host_keys import HostKeys
from shared.captures import value_at
from shared.collections import ATTEMPTS, RUNS
from shared.contracts.attempt import Attempt
from shared.contracts.parameter import MOST_BYTES_TOGETHER
from shared.contracts.provider import MOST_JUMPS, ProviderDefinition, SecretReference, SshConnection
from shared.contracts.rollout import MOST_INVOCATIONS
from shared.definitions import Stored, bound_to_secret, sealed_secrets, stored_of
from shared.encryption import MasterKeyError, Sealer
from shared.kinds import PROVIDER
from shared.lru_cache import LruCache
from shared.runs.binding import plain_values
from shared.runs.composing import bound_to_run
from shared.store.port import DocumentStore, OneOf

log = structlog.get_logger()


class MisconfiguredError(Exception):
    """Something that the provider or the attempt needs is missing or cannot be opened; says what to do."""


@dataclass(frozen=True)
class Values:
    """The values of an attempt's parameters: those that everybody may see, and the secret ones."""

    plain: Mapping[str, str]
    secret: Mapping[str, str] = field(repr=False)
    sudo: Sudo | None = None
    """As whom the command runs, where that is not the user who logs in."""
    of_others: Sequence[str] = field(default=(), repr=False)
    """Secrets that other steps of the run use."""

    @property
    def hidden(self) -> list[str]:
        """What is masked in output."""
        password = self.sudo.password if self.sudo is not None else None
        return [*self.secret.values(), *self.of_others, *([password] if password else [])]


class _SecretsBeside:
    """The secrets that a provider needed last, read beside the provider itself: a round trip to the store less."""

    def __init__(self, store: DocumentStore, names: Sequence[str]) -> None:
        self._store, self._names = store, names
        self._reading = asyncio.create_task(sealed_secrets(store, names)) if names else None

    async def read(self, names: Sequence[str]) -> dict[str, str]:
        """Those that it needs now: read anew where they are others than before."""
        if self._reading is not None and names == self._names:
            return await self._reading
        return await sealed_secrets(self._store, names)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._reading is not None and not self._reading.cancel() and not self._reading.cancelled():
            self._reading.exception()  # nobody has to hear of it who did not wait for it


@dataclass
class Resolver:
    """Reads providers and secrets anew for every attempt, so that a change holds from the next one on."""

    store: DocumentStore
    sealer: Sealer
    host_keys: HostKeys
    _heads: LruCache[Stored[ProviderDefinition]] = field(
        default_factory=lambda: LruCache(most=MOST_INVOCATIONS), repr=False
    )
    """By what tells one version of a provider from all others; all of the widest step, which asks for them in turn."""
    _secrets_used: LruCache[list[str]] = field(default_factory=lambda: LruCache(most=MOST_INVOCATIONS), repr=False)
    """The names of the secrets that each provider needed last."""
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
        with _SecretsBeside(self.store, self._secrets_used.get(name) or ()) as beside:
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
            return await self._ssh_provider(head, ssh, jump, beside)

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
        self, head: Stored[ProviderDefinition], ssh: SshConnection, jump: SshProvider | None, beside: _SecretsBeside
    ) -> SshProvider:
        references = {
            "private_key": ssh.private_key,
            "passphrase": ssh.passphrase,
            "certificate": ssh.certificate,
            "password": ssh.password,
        }
        names = _names(references.values())
        self._secrets_used.remember(head.name, names)
        secrets = _all_of(names, await beside.read(names), f"provider '{head.name}'")
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
        plain = {**await self._plain_values(attempt), **await self._captured_values(attempt)}
        secret = await self._secret_values(attempt)
        together = sum(len(value.encode()) for value in (*plain.values(), *secret.values()))
        if together > MOST_BYTES_TOGETHER:
            raise MisconfiguredError(
                f"the values of the parameters, and of captures, have {together} bytes together, secrets included; "
                f"{MOST_BYTES_TOGETHER} are the most"
            )
        return Values(plain, secret, await self._sudo(attempt), await self._of_others(attempt))

    async def _plain_values(self, attempt: Attempt) -> Mapping[str, str]:
        """Long ones stand in the attempt's run alone."""
        if attempt.parameters is not None:
            return attempt.parameters
        run = await self.store.get(RUNS, attempt.run_id)
        if run is None:
            raise MisconfiguredError(f"the run {attempt.run_id}, which holds the values of its parameters, is gone")
        return plain_values(run["parameters"])

    async def _captured_values(self, attempt: Attempt) -> dict[str, str]:
        """What earlier steps captured stands in their attempts alone."""
        sources = attempt.capture_sources or ()
        ids = tuple({source.attempt_id for source in sources})
        found = await self.store.find(ATTEMPTS, {"id": OneOf(ids)}, limit=len(ids)) if ids else []
        captured = {document["id"]: document.get("captured") or {} for document in found}
        try:
            return {one.name: value_at(captured[one.attempt_id][one.capture], one.path) for one in sources}
        except (KeyError, ValueError) as error:
            raise MisconfiguredError(f"what an earlier step captured is gone ({error})") from error

    async def _sudo(self, attempt: Attempt) -> Sudo | None:
        if attempt.run_as is None:
            return None
        if attempt.run_as.password is None:
            return Sudo(attempt.run_as.user)
        name = attempt.run_as.password.secret
        secrets = _all_of([name], await sealed_secrets(self.store, [name]), f"step '{attempt.step}'")
        return Sudo(attempt.run_as.user, self._opened(name, secrets).rstrip("\r\n"))

    async def _of_others(self, attempt: Attempt) -> list[str]:
        """The secrets that other steps of the run use. One that cannot be had keeps those alone from being run."""
        found: list[str] = []
        sealed = await sealed_secrets(self.store, attempt.masked_secrets) if attempt.masked_secrets else {}
        for name in sealed:
            try:
                found.append(self._opened(name, sealed))
            except MisconfiguredError as error:
                log.warning("attempt.secret_not_masked", attempt_id=attempt.id, secret=name, error=str(error))
        return found

    async def _secret_values(self, attempt: Attempt) -> dict[str, str]:
        if not attempt.secrets:
            return {}
        names = [str(source["secret"]) for source in _sources(attempt) if "secret" in source]
        secrets = _all_of(names, await sealed_secrets(self.store, names), f"step '{attempt.step}'")
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

    def _opened(self, name: str, secrets: Mapping[str, str]) -> str:
        return self._open(secrets[name], bound_to_secret(name), f"the secret '{name}'")

    def _open(self, sealed: str, bound_to: str, what: str) -> str:
        try:
            return self.sealer.open(sealed, bound_to=bound_to)
        except MasterKeyError as error:
            raise MisconfiguredError(f"{what} cannot be opened: {error}") from error


def _names(references: Iterable[SecretReference | None]) -> list[str]:
    return sorted({reference.secret for reference in references if reference is not None})


def _all_of(names: Collection[str], found: Mapping[str, str], user: str) -> dict[str, str]:
    """What is sealed of each, in the order of their names; ``MisconfiguredError`` where one is missing."""
    wanted = sorted(set(names))
    for name in wanted:
        if name not in found:
            raise MisconfiguredError(f"there is no secret '{name}', which {user} needs; create it")
    return {name: found[name] for name in wanted}


def _sources(attempt: Attempt) -> list[Mapping[str, JsonValue]]:
    return [source for source in attempt.secrets.values() if isinstance(source, dict)]
