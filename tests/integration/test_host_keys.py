"""What is promised about pinned host keys and their types, on a real store (case O-1)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from executor.handlers.host_keys import HostKeys
from shared import collections
from shared.collections import HOST_KEYS
from shared.contracts.host_key import HostKey
from shared.contracts.provider import ProviderDefinition, SshConnection, pin_id
from shared.definitions import Stored, definition_document, stored_of
from shared.kinds import PROVIDER
from shared.store.port import DocumentStore, StoreUnavailableError
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import NOON

SHOWN = HostKey("SHA256:" + "a" * 43, "ssh-rsa")
WHOLE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJnUqLcKEYZWb6q4bYd0sE0HvGq8cD1lMs1Kbp7gVw9p"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[DocumentStore]:
    store = SqliteDocumentStore(tmp_path / "store.db")
    await store.open(collections.ALL)
    yield store
    await store.close()


def a_provider(**ssh: object) -> tuple[Stored[ProviderDefinition], SshConnection]:
    login = {"host": "10.0.0.11", "user": "deploy", "password": {"secret": "p"}, **ssh}
    definition = ProviderDefinition.model_validate({"name": "web-1", "connection": {"ssh": login}})
    assert definition.connection.ssh is not None
    document = definition_document(definition, uid="uid-1", by="ada", at=NOON)
    return stored_of(PROVIDER, {**document, "version": 1}), definition.connection.ssh


def an_executor(store: DocumentStore) -> HostKeys:
    return HostKeys(store, lambda: NOON)


async def test_a_pin_keeps_the_type_of_the_key_for_every_executor(store: DocumentStore) -> None:
    web = a_provider()
    assert await an_executor(store).of(*web) is None
    assert await an_executor(store).pin_for(*web)(SHOWN) == SHOWN
    assert await an_executor(store).of(*web) == SHOWN
    other = HostKey("SHA256:" + "b" * 43, "ssh-ed25519")
    assert await an_executor(store).pin_for(*web)(other) == SHOWN, "the first one holds"


async def test_a_pin_of_before_types_were_kept_holds_and_learns_its_type(store: DocumentStore) -> None:
    web, ssh = a_provider()
    old = {"provider": "web-1", "fingerprint": SHOWN.fingerprint, "pinned_at": "2026-01-31T12:00:00.000Z"}
    await store.insert(HOST_KEYS, {"id": pin_id(web.uid, ssh), **old})
    executor = an_executor(store)
    assert await executor.of(web, ssh) == HostKey(SHOWN.fingerprint)
    await executor.learn_type_for(web)(SHOWN)
    await executor.learn_type_for(web)(SHOWN)
    assert await executor.of(web, ssh) == await an_executor(store).of(web, ssh) == SHOWN


async def test_a_fingerprint_in_the_definition_is_pinned_nowhere_and_learns_its_type(store: DocumentStore) -> None:
    web, ssh = a_provider(host_key=f"{SHOWN.fingerprint}=")
    assert await an_executor(store).of(web, ssh) == HostKey(SHOWN.fingerprint)
    await an_executor(store).learn_type_for(web)(SHOWN)
    assert await an_executor(store).of(web, ssh) == SHOWN
    assert await store.get(HOST_KEYS, pin_id(web.uid, ssh)) is None


async def test_a_whole_public_key_in_the_definition_needs_to_learn_nothing(store: DocumentStore) -> None:
    found = await an_executor(store).of(*a_provider(host_key=f"10.0.0.11 {WHOLE}"))
    assert found is not None
    assert found.type == "ssh-ed25519"


async def test_a_type_is_known_to_this_process_though_the_store_is_away(
    store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailableError("away")

    web, executor = a_provider(host_key=SHOWN.fingerprint), an_executor(store)
    monkeypatch.setattr(store, "insert", away)
    await executor.learn_type_for(web[0])(SHOWN)
    assert await executor.of(*web) == SHOWN
