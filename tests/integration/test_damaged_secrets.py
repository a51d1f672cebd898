"""A secret that the master key does not open: told where it matters, and set anew."""

import asyncio
import base64
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from opsimate.client import ApiClient
from opsimate.credentials import Credentials
from opsimate.product_looks import Finding
from opsimate.product_looks import _master_keys as master_keys_found
from shared import collections
from shared.contracts.secret import SecretMetadata
from shared.definitions import definition_document, is_readable, stored_of
from shared.encryption import Sealer, master_key_from, new_master_key
from shared.installation import IN_USE_FOR, MasterKeyUse, check_master_key, master_keys_in_use
from shared.kinds import SECRET
from shared.runs.repository import attempts_of
from shared.store.port import Changes
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import NOON
from tests.builders_catalog import ADMIN_TOKEN, MASTER_KEY, RunningCatalog, a_catalog
from tests.integration.test_alertmanager import served
from tests.integration.test_executor import a_scene
from tests.servers.mongo import MongoServer

DAMAGED = ["", "v1:", "v1:A", "v1:!!!!", "v2:AAAA", "ünïcödé", "v1:" + "A" * 80, f"v2:{'0' * 16}:" + "A" * 80, None, 5]


@pytest.mark.parametrize("sealed", DAMAGED)
async def test_a_damaged_secret_is_shown_as_such_and_can_be_set_anew(tmp_path: Path, sealed: Any) -> None:
    async with a_catalog(tmp_path) as catalog:
        body = {"name": "key", "value": "opens everything"}
        await catalog.made("secrets", body)
        await catalog.store.change(collections.SECRETS, {"id": "key"}, Changes(set={"sealed": sealed}))
        assert (await catalog.get("secrets/key")).json()["readable"] is False
        assert (await catalog.put("secrets/key", body)).status_code == 200
        assert [one["readable"] for one in (await catalog.get("secrets")).json()["items"]] == [True]


def test_a_secret_whose_value_is_missing_is_a_damaged_one() -> None:
    document = definition_document(SecretMetadata(name="key"), uid="u", by="test", at=NOON)
    del document["sealed"]
    assert not is_readable(stored_of(SECRET, document), Sealer(bytes(32)))


@pytest.mark.parametrize("sealed", DAMAGED)
async def test_a_damaged_secret_keeps_no_step_from_being_run_that_only_masks_it(tmp_path: Path, sealed: Any) -> None:
    async with a_scene(tmp_path) as scene:
        store, context = scene.runtime.store, scene.executor._context
        for name, text in (
            ("damaged", sealed),
            ("whole", context.resolver.sealer.seal("w0rd", bound_to="secret/whole")),
        ):
            document = definition_document(SecretMetadata(name=name), uid=name, by="test", at=NOON, sealed=text)
            await store.insert(collections.SECRETS, document)
        really = context.resolver.values
        context.resolver.values = lambda attempt: really(  # type: ignore[method-assign]
            attempt.model_copy(update={"masked_secrets": ["damaged", "gone", "whole"]})
        )
        run = await scene.run("echo it is w0rd")
        assert await scene.ended([run]) == ["succeeded"]
        printed = await store.find(collections.OUTPUT, {}, limit=10)
    assert [chunk["data"] for chunk in printed] == ["it is ••••••\n".encode()]


@pytest.mark.parametrize("sealed", DAMAGED)
async def test_a_step_that_needs_a_damaged_secret_is_misconfigured(tmp_path: Path, sealed: Any) -> None:
    async with a_scene(tmp_path) as scene:
        store, context = scene.runtime.store, scene.executor._context
        await store.insert(
            collections.SECRETS,
            definition_document(SecretMetadata(name="key"), uid="u", by="test", at=NOON, sealed=sealed),
        )
        really = context.resolver.values
        context.resolver.values = lambda attempt: really(  # type: ignore[method-assign]
            attempt.model_copy(update={"secrets": {"password": {"secret": "key"}}})
        )
        run = await scene.run("true")
        assert await scene.ended([run]) == ["failed"]
        (attempt,) = await attempts_of(store, run.id)
    assert attempt.outcome is not None
    assert attempt.outcome.reason == "misconfigured"
    assert "the secret 'key' cannot be opened" in (attempt.outcome.reason_text or "")


@pytest.mark.parametrize("source", [{}, {"sealed": None}, {"sealed": "v1:A"}])
async def test_a_step_whose_run_has_lost_a_secret_parameter_is_misconfigured(
    tmp_path: Path, source: dict[str, Any]
) -> None:
    async with a_scene(tmp_path) as scene:
        store, context = scene.runtime.store, scene.executor._context
        really = context.resolver.values
        context.resolver.values = lambda attempt: really(  # type: ignore[method-assign]
            attempt.model_copy(update={"secrets": {"password": source}})
        )
        run = await scene.run("true")
        assert await scene.ended([run]) == ["failed"]
        (attempt,) = await attempts_of(store, run.id)
    assert attempt.outcome is not None
    assert attempt.outcome.reason == "misconfigured"
    assert "the secret parameter 'password' cannot be opened" in (attempt.outcome.reason_text or "")


async def errors_of_a_start(directory: Path, key: str) -> list[dict[str, Any]]:
    """What the log of a catalog with this master key says is wrong."""
    with capture_logs() as logs:
        async with a_catalog(directory, OPSIMATE_MASTER_KEY=key):
            pass
    assert all("opens everything" not in str(line) for line in logs)
    return [dict(line) for line in logs if line["log_level"] == "error"]


async def test_another_master_key_is_noticed_at_the_start(tmp_path: Path) -> None:
    async with a_catalog(tmp_path) as catalog:
        await catalog.made("secrets", {"name": "key", "value": "opens everything"})
    (error,) = await errors_of_a_start(tmp_path, new_master_key())
    assert error["event"] == "master_key.does_not_open"
    assert await errors_of_a_start(tmp_path, MASTER_KEY) == []


async def test_another_master_key_is_noticed_where_no_secret_is_stored(tmp_path: Path) -> None:
    another = new_master_key()
    async with a_catalog(tmp_path):
        pass
    (error,) = await errors_of_a_start(tmp_path, another)
    assert error["event"] == "master_key.differs"
    assert error["used_before"] == [Sealer(master_key_from(MASTER_KEY)).key_id]
    assert error["key_id"] == Sealer(master_key_from(another)).key_id
    assert await errors_of_a_start(tmp_path, MASTER_KEY) == []


async def test_services_that_start_at_the_same_time_with_two_master_keys_notice_it(tmp_path: Path) -> None:
    store = SqliteDocumentStore(tmp_path / "store.db")
    await store.open(collections.ALL)
    sealers = [Sealer(master_key_from(new_master_key())) for _ in range(2)] * 3
    with capture_logs() as logs:
        await asyncio.gather(*(check_master_key(store, sealer, lambda: NOON) for sealer in sealers))
    assert {line["event"] for line in logs} == {"master_key.differs"}
    await store.close()


async def test_a_new_master_key_counts_once_every_secret_is_set_anew(tmp_path: Path) -> None:
    another, body = new_master_key(), {"name": "key", "value": "opens everything"}
    async with a_catalog(tmp_path) as catalog:
        await catalog.made("secrets", body)
    async with a_catalog(tmp_path, OPSIMATE_MASTER_KEY=another) as catalog:
        assert (await catalog.put("secrets/key", body)).status_code == 200
    assert await errors_of_a_start(tmp_path, another) == []
    async with a_catalog(tmp_path, OPSIMATE_MASTER_KEY=another) as catalog:
        assert (await catalog.delete("secrets/key")).status_code == 204
    assert await errors_of_a_start(tmp_path, another) == []
    (error,) = await errors_of_a_start(tmp_path, MASTER_KEY)
    assert error["event"] == "master_key.differs"


async def doctor_on_master_keys(catalog: RunningCatalog) -> Finding:
    """What the doctor says of the master keys that services use."""
    async with served(catalog.app) as url:
        with ApiClient(Credentials(url, ADMIN_TOKEN, "")) as api:
            (found,) = await asyncio.to_thread(lambda: list(master_keys_found(api)))
    return found


async def test_the_doctor_tells_that_two_services_use_different_master_keys(tmp_path: Path, mongo: MongoServer) -> None:
    keys, store_url = [new_master_key() for _ in range(2)], mongo.database_url()
    environments = [{"OPSIMATE_STORE_URL": store_url, "OPSIMATE_MASTER_KEY": key} for key in keys]
    async with a_catalog(tmp_path, **environments[0]) as catalog:
        assert (await doctor_on_master_keys(catalog)).state == "ok"
        async with a_catalog(tmp_path, **environments[1]):
            ids = sorted(Sealer(master_key_from(key)).key_id for key in keys)
            sick = await doctor_on_master_keys(catalog)
            assert sick.state == "problem"
            assert sick.message == f"services use different ones: {ids[0]} by catalog; {ids[1]} by catalog"
            assert "Give every service the same one" in sick.remedy
        assert (await doctor_on_master_keys(catalog)).state == "ok", "the other has ended"
        async with a_catalog(tmp_path, **environments[0]):
            assert (await doctor_on_master_keys(catalog)).state == "ok"


async def test_a_service_that_ended_without_a_word_uses_its_master_key_for_a_few_minutes_more(tmp_path: Path) -> None:
    instants = [NOON]

    def clock() -> datetime:
        return instants[-1]

    store = SqliteDocumentStore(tmp_path / "store.db")
    await store.open(collections.ALL)
    gone, here = MasterKeyUse(store, "aa", "gone", clock), MasterKeyUse(store, "bb", "here", clock)
    await gone.note(["executor"])
    for later in (timedelta(0), IN_USE_FOR):
        instants.append(NOON + later)
        await here.note(["catalog", "scheduler"])
        assert await master_keys_in_use(store, clock) == {"aa": ["executor"], "bb": ["catalog", "scheduler"]}
    instants.append(instants[-1] + timedelta(milliseconds=1))
    assert await master_keys_in_use(store, clock) == {"bb": ["catalog", "scheduler"]}
    await here.note(["catalog", "scheduler"])
    assert [use["id"] for use in await store.find(collections.MASTER_KEY_USES, {})] == ["here"], "it is forgotten"
    await store.close()


async def test_what_was_sealed_before_keys_had_ids_is_read_and_stays_as_it_is(tmp_path: Path) -> None:
    value = "v1:NTRjzX0kaf93MQcH-VE1TAQ9G7rlyXd6P4KtTyRzBRs7dURho9pmLsk85Xk="
    key = base64.urlsafe_b64encode(bytes(range(32))).decode()
    body = {"name": "key", "value": "opens everything"}
    async with a_catalog(tmp_path, OPSIMATE_MASTER_KEY=key) as catalog:
        await catalog.made("secrets", {**body, "value": "another"})
        await catalog.store.change(collections.SECRETS, {"id": "key"}, Changes(set={"sealed": value}))
        shown = (await catalog.get("secrets/key")).json()
        assert shown["readable"] is True
        assert (await catalog.put("secrets/key", body)).json()["version"] == shown["version"], "it is the same value"
    assert await errors_of_a_start(tmp_path, key) == []
