"""A store is moved to a newer schema while services of the older release still run."""

import asyncio
import itertools
import threading

import httpx
import pytest

from shared import collections
from shared.installation import SCHEMA
from shared.migration import Migration, MigrationStep, Migrator
from shared.store import Document, DocumentStore, document_store
from tests.product import Product, distributed, eventually
from tests.servers.mongo import MongoServer
from tests.servers.sshd import SshServer
from tests.stage import action, set_stage

pytestmark = pytest.mark.timeout(240)


async def everything_in(store: DocumentStore) -> dict[str, list[Document]]:
    return {
        collection.name: await store.find(collection, {}, limit=100_000)
        for collection in collections.ALL
        if collection != collections.OUTPUT
    }


def test_services_of_an_older_release_stop_by_themselves_and_never_write_to_what_is_moved(
    mongo: MongoServer, virtual_host: str, sshd: SshServer
) -> None:
    url = mongo.database_url()
    product = distributed(url, virtual_host)
    try:
        set_stage(product.forked().start(), sshd)
        action(product, "busy", "echo busy", "sleep 0.2")
        action(product, "long", "sleep 600")
        product.running(product.run("long")["id"])
        ended = threading.Event()
        asking = threading.Thread(target=ask_for_runs, args=(product, ended))
        asking.start()
        try:
            before, after = asyncio.run(moved(url, product))
        finally:
            ended.set()
            asking.join()
        assert before == after
        assert len(after["runs"]) > 1
        for part in product.parts:
            assert part.process is not None
            assert part.process.wait() == 1, part.name
            assert f"the store has schema {SCHEMA + 1}, unfinished, and this release knows {SCHEMA}" in (
                part.log.read_text()
            )
        product.catalog.start()
        eventually(lambda: not product.catalog.is_running, what="the older release does not start any more")
        assert f"the store has schema {SCHEMA + 1}, and this release knows {SCHEMA}" in product.catalog.log.read_text()
    finally:
        product.discard()


def ask_for_runs(product: Product, ended: threading.Event) -> None:
    """What keeps the older services writing."""
    for number in itertools.count():
        if ended.wait(0.05):
            return
        try:
            product.http.post("/api/v1/actions/busy/runs", json={}, headers={"Idempotency-Key": f"busy-{number}"})
        except httpx.TransportError:
            continue


async def moved(url: str, product: Product) -> tuple[dict[str, list[Document]], dict[str, list[Document]]]:
    """Move the store on; what was in it when documents begin to be changed, and once all services have ended."""
    store = document_store(url)
    before: dict[str, list[Document]] = {}

    async def wait(seconds: float) -> None:
        await asyncio.sleep(seconds)
        before.update(await everything_in(store))

    as_it_is = MigrationStep(collections.RUNS, lambda document: [(collections.RUNS, document)])
    await store.open(collections.ALL)
    await Migrator(store, [Migration(SCHEMA + 1, (as_it_is,))], schema=SCHEMA + 1, sleep=wait).bring_up_to_date()
    while any(part.is_running for part in product.parts):
        await asyncio.sleep(0.1)
    after = await everything_in(store)
    await store.close()
    return before, after
