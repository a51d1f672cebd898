"""What is promised about the test of a provider whose log-in is slow (case S-06)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

import executor.handlers.messages
import executor.main
from catalog.handlers.providers import ProviderTests
from shared import collections
from shared.bus.memory import MemoryBus
from shared.bus.topology import catalog_instance_queue
from shared.contracts.model import Message
from shared.contracts.provider import ProviderDefinition, ProviderTested
from shared.contracts.secret import SecretMetadata
from shared.definitions import bound_to_secret, definition_document, stored
from shared.encryption import new_master_key
from shared.kinds import PROVIDER
from shared.service import Runtime
from shared.settings import load_settings
from shared.store.sqlite import SqliteDocumentStore
from tests.servers.sshd import SshServer


async def test_a_log_in_that_is_slow_is_told_as_such_and_not_as_a_missing_executor(
    own_sshd: Callable[..., SshServer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor.handlers.messages, "TEST_WITHIN", 2.0)
    server = own_sshd(options={"ForceCommand": "sleep 1000"})  # as start-up files do that wait for something
    store, bus = SqliteDocumentStore(tmp_path / "store.db"), MemoryBus()
    await store.open(collections.ALL)
    await bus.open()
    settings = load_settings({}, listen="127.0.0.1:0", master_key=new_master_key())
    runtime = Runtime(settings, store, bus)
    await provide(runtime, server)
    executing, tests = executor.main.build(runtime), ProviderTests(bus, "catalog-1")

    async def hear(message: Message) -> None:
        assert isinstance(message, ProviderTested)
        tests.answered(message)

    await bus.subscribe(catalog_instance_queue("catalog-1"), hear)
    await executing.start()
    provider = await stored(store, PROVIDER, "web-1")
    assert provider is not None
    async with asyncio.timeout(20):
        report = await tests.test(provider)
    assert (report.ok, report.reason) == (False, "timed_out"), report.message
    assert "start-up files of the user's login shell" in report.message
    await executing.stop()
    await bus.close()
    await store.close()


async def provide(runtime: Runtime, server: SshServer) -> None:
    """Store the server as the provider ``web-1``."""
    login = {"host": server.host, "port": server.port, "user": server.user, "private_key": {"secret": "key"}}
    definition = ProviderDefinition.model_validate({"name": "web-1", "connection": {"ssh": login}})
    document = definition_document(definition, uid="u", by="ada", at=runtime.clock())
    await runtime.store.insert(collections.PROVIDERS, document)
    sealed = runtime.settings.sealer().seal(server.private_key, bound_to=bound_to_secret("key"))
    secret = definition_document(SecretMetadata(name="key"), uid="s", by="ada", at=runtime.clock(), sealed=sealed)
    await runtime.store.insert(collections.SECRETS, secret)
