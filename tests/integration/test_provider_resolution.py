"""What an executor remembers of a provider, and that every change of it holds from the next attempt on."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from executor.domain.provider import SshProvider
from executor.handlers import provider_resolution
from executor.handlers.host_keys import HostKeys
from executor.handlers.provider_resolution import MisconfiguredError, Resolver
from shared import collections
from shared.contracts.definition import Definition
from shared.contracts.host_key import HostKey
from shared.contracts.provider import ProviderDefinition
from shared.contracts.secret import SecretMetadata
from shared.definitions import Stored, bound_to_secret, definition_document, stored_of
from shared.encryption import Sealer, master_key_from, new_master_key
from shared.kinds import KINDS, Kind
from shared.store.port import Document, DocumentStore
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import NOON

SHOWN = HostKey("SHA256:" + "a" * 43, "ssh-rsa")
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJnUqLcKEYZWb6q4bYd0sE0HvGq8cD1lMs1Kbp7gVw9p"


class Definitions:
    """What administrators have stored, and an executor that reads it."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self._sealer = Sealer(master_key_from(new_master_key()))
        self._at = NOON
        self.resolver = Resolver(store, self._sealer, HostKeys(store, lambda: NOON))

    async def secret(self, name: str, value: str) -> None:
        sealed = self._sealer.seal(value, bound_to=bound_to_secret(name))
        await self._put(SecretMetadata(name=name), sealed=sealed)

    async def provider(self, name: str, *, uid: str = "", **ssh: object) -> None:
        login = {"host": "10.0.0.11", "user": "deploy", "password": {"secret": "word"}, "host_key": KEY, **ssh}
        definition = ProviderDefinition.model_validate({"name": name, "connection": {"ssh": login}})
        await self._put(definition, uid=uid or f"uid-{name}")

    async def resolved(self, name: str = "web-1") -> SshProvider:
        found = await self.resolver.provider(name)
        assert found is not None
        return found

    async def _put(self, definition: Definition, *, uid: str = "s", sealed: str = "") -> None:
        kind = KINDS[definition.kind]
        before = await self._store.get(kind.collection, definition.name)
        number = before["number"] + 1 if before else 1
        document = definition_document(
            definition, uid=uid, by="ada", at=self._later(), number=number, created_at=NOON, sealed=sealed
        )
        if before is None:
            await self._store.insert(kind.collection, document)
        else:
            assert await self._store.replace(kind.collection, document, version=before["version"])

    def _later(self) -> datetime:
        self._at += timedelta(seconds=1)
        return self._at


@pytest.fixture
async def definitions(tmp_path: Path) -> AsyncIterator[Definitions]:
    store = SqliteDocumentStore(tmp_path / "store.db")
    await store.open(collections.ALL)
    definitions = Definitions(store)
    await definitions.secret("word", "first")
    await definitions.provider("web-1")
    yield definitions
    await store.close()


async def test_a_provider_that_did_not_change_is_made_once(definitions: Definitions) -> None:
    first = await definitions.resolved()
    assert await definitions.resolved() is first


async def test_every_change_holds_from_the_next_attempt_on(definitions: Definitions) -> None:
    first = await definitions.resolved()
    await definitions.secret("word", "second")
    second = await definitions.resolved()
    assert (first.password, second.password) == ("first", "second")
    await definitions.provider("web-1", host="10.0.0.12")
    assert (await definitions.resolved()).host == "10.0.0.12"
    await definitions.provider("web-1", uid="made anew")
    assert (await definitions.resolved()).key == "made anew"


async def test_a_provider_that_names_another_secret_is_not_opened_with_the_one_before(definitions: Definitions) -> None:
    assert (await definitions.resolved()).password == "first"
    await definitions.secret("other", "another")
    await definitions.provider("web-1", password={"secret": "other"})
    assert (await definitions.resolved()).password == "another"
    await definitions.provider("web-1", password={"secret": "word"})
    assert (await definitions.resolved()).password == "first"


async def test_a_change_of_a_jump_host_is_one_of_what_lies_behind_it(definitions: Definitions) -> None:
    await definitions.provider("web-2", jump="web-1")
    before = await definitions.resolved("web-2")
    assert await definitions.resolved("web-2") is before
    await definitions.provider("web-1", user="somebody-else")
    after = (await definitions.resolved("web-2")).jump
    assert after is not None
    assert after.user == "somebody-else"


async def test_a_secret_that_is_gone_is_missed_though_it_is_remembered(definitions: Definitions) -> None:
    remembered = await definitions.resolved()
    await definitions.resolver.store.delete(collections.SECRETS, {"id": "word"})
    with pytest.raises(MisconfiguredError, match="there is no secret 'word'"):
        await definitions.resolved()
    assert remembered.password == "first"


async def test_what_a_log_in_may_teach_is_asked_for_anew(definitions: Definitions) -> None:
    await definitions.provider("web-1", host_key=None)
    first = await definitions.resolved()
    assert first.host_key is None
    shown = await first.pin(SHOWN)
    assert shown == SHOWN
    assert (await definitions.resolved()).host_key == SHOWN.fingerprint


async def test_as_many_providers_as_a_wide_step_has_are_parsed_once(
    definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, parsed = [f"n-{number:04d}" for number in range(1_100)], list[str]()

    def counted(kind: Kind[ProviderDefinition], document: Document) -> Stored[ProviderDefinition]:
        parsed.append(document["name"])
        return stored_of(kind, document)

    monkeypatch.setattr(provider_resolution, "stored_of", counted)
    for name in names:
        await definitions.provider(name)
    for _ in range(2):
        for name in names:
            await definitions.resolved(name)
    assert parsed == names
