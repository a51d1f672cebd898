"""What was acknowledged stays, and a store that is away says so and comes back by itself."""

import asyncio
import contextlib
import signal
import sys
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit, urlunsplit

import pytest
from pymongo import AsyncMongoClient

from shared.store import Changes, DocumentStore, StoreError, StoreUnavailableError, document_store
from shared.store.mongo import MongoDocumentStore
from tests.contract.proxy import Proxy
from tests.contract.store.conftest import NewStore
from tests.contract.store.declarations import ALL, RUNS, a_run, ids

WRITER = """
    import asyncio
    import sys

    from shared.store import Changes, document_store
    from tests.contract.store.declarations import ALL, RUNS, a_run


    async def write(store, lane):
        for number in range(1_000_000):
            id = f"{lane:02}-{number:06}"
            await store.insert(RUNS, a_run(id, state="queued", labels=["x"], request_id=id))
            await store.change(RUNS, {"id": id}, Changes(set={"state": "running"}))
            print(id, flush=True)


    async def main():
        store = document_store(sys.argv[1])
        await store.open(ALL)
        await asyncio.gather(*[write(store, lane) for lane in range(8)])


    asyncio.run(main())
"""


@pytest.fixture(params=["sqlite", "mongo"])
def url(request: pytest.FixtureRequest) -> str:
    """The address of a store that a process of its own can open."""
    if request.param == "sqlite":
        return f"sqlite:{request.getfixturevalue('tmp_path') / 'store.db'}"
    address: str = request.getfixturevalue("mongo").database_url()
    return address


async def test_nothing_acknowledged_is_lost_when_the_process_is_killed(url: str) -> None:
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(WRITER), url, stdout=asyncio.subprocess.PIPE
    )
    assert writer.stdout is not None
    acknowledged = [(await writer.stdout.readline()).decode().strip() for _ in range(200)]
    writer.send_signal(signal.SIGKILL)
    acknowledged += (await writer.stdout.read()).decode().split("\n")[:-1]
    await writer.wait()
    store = document_store(url)
    await store.open(ALL)
    kept = set(ids(await store.find(RUNS, {"state": "running", "labels": "x"}, limit=1_000_000)))
    await store.close()
    assert set(acknowledged) <= kept
    assert len(acknowledged) >= 200


async def test_what_was_stored_is_there_after_closing_and_opening(new_store: NewStore) -> None:
    store = new_store()
    await store.open(ALL)
    await asyncio.gather(*[store.insert(RUNS, a_run(f"{number:03}")) for number in range(100)])
    await store.close()
    again = new_store()
    await again.open(ALL)
    assert await again.count(RUNS, {}) == 100
    await again.close()


async def test_closing_finishes_what_was_begun(new_store: NewStore) -> None:
    store = new_store()
    await store.open(ALL)
    inserting = [asyncio.ensure_future(store.insert(RUNS, a_run(f"{number:02}"))) for number in range(30)]
    await asyncio.gather(*inserting[:1])
    await asyncio.gather(*inserting)
    await store.close()
    await store.open(ALL)
    assert await store.count(RUNS, {}) == 30
    await store.close()


@pytest.fixture(params=["motor", "pymongo"])
async def far_store(request: pytest.FixtureRequest) -> AsyncIterator[tuple[DocumentStore, Proxy]]:
    """A store on a server that can go away, and what makes it go."""
    parts = urlsplit(request.getfixturevalue("mongo").database_url())
    async with Proxy(parts.hostname or "", parts.port or 27017) as proxy:
        address = parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{proxy.port}".lstrip("@"))
        driver = {} if request.param == "motor" else {"client_class": AsyncMongoClient}
        store = MongoDocumentStore(urlunsplit(address), **driver)
        await store.open(ALL)
        await store.insert(RUNS, a_run("a", state="queued"))
        yield store, proxy
        proxy.come_back()
        await store.close()


@pytest.mark.parametrize("how", ["refusing", "silent"])
async def test_a_store_that_is_away_says_so_in_time_and_comes_back(
    far_store: tuple[DocumentStore, Proxy], how: str
) -> None:
    store, proxy = far_store
    proxy.go_away(silently=how == "silent")
    changes = Changes(set={"state": "running"})
    asked = [
        verb
        for _ in range(5)  # more at once than motor has threads
        for verb in (
            store.ping(),
            store.get(RUNS, "a"),
            store.find(RUNS, {"state": "queued"}),
            store.count(RUNS, {}),
            store.insert(RUNS, a_run("b")),
            store.replace(RUNS, a_run("a"), version=7),
            store.change(RUNS, {"id": "missing"}, changes),
            store.change_all(RUNS, {"id": "missing"}, changes),
            store.claim(RUNS, {"id": "missing"}, changes),
            store.delete(RUNS, {"id": "missing"}),
        )
    ]
    async with asyncio.timeout(15):  # five seconds are promised; these are fifty at once, beside other tests
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(answer) for answer in answers} == {StoreUnavailableError}
    proxy.come_back()
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(StoreUnavailableError):
                assert await store.get(RUNS, "a") == a_run("a", state="queued", version=1)
                break


async def test_a_read_whose_connection_breaks_is_asked_again(far_store: tuple[DocumentStore, Proxy]) -> None:
    store, proxy = far_store
    there = a_run("a", state="queued", version=1)
    reads: dict[str, Callable[[], Awaitable[object]]] = {
        "get": lambda: store.get(RUNS, "a"),
        "find": lambda: store.find(RUNS, {"state": "queued"}),
        "count": lambda: store.count(RUNS, {}),
    }
    answers = {}
    for name, read in reads.items():
        proxy.go_away(silently=True)
        reading = asyncio.ensure_future(read())
        async with asyncio.timeout(3):
            await proxy.holds_something.wait()
        proxy.break_connections()
        proxy.come_back()
        answers[name] = await reading
    assert answers == {"get": there, "find": [there], "count": 1}


async def test_opening_a_store_that_is_away_says_so_in_time(far_store: tuple[DocumentStore, Proxy]) -> None:
    _, proxy = far_store
    proxy.go_away(silently=False)
    store = MongoDocumentStore(f"mongodb://127.0.0.1:{proxy.port}/x")
    async with asyncio.timeout(5):
        with pytest.raises(StoreUnavailableError):
            await store.open(ALL)
    await store.close()


@pytest.mark.parametrize("url", ["mongodb://", "mongodb://host:port/x"])
async def test_a_wrong_address_is_told_on_opening(url: str) -> None:
    with pytest.raises(StoreError, match="address"):
        await MongoDocumentStore(url).open(ALL)
