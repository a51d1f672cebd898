"""What the suites of the alert-bridge stand on."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from shared.collections import ALL
from shared.store import DocumentStore
from shared.store.mongo import MongoDocumentStore
from shared.store.sqlite import SqliteDocumentStore
from tests.builders_alerts import RunningBridge, a_bridge, save_all_for_nginx, save_token

NewStore = Callable[[], DocumentStore]


@pytest.fixture(params=["sqlite", "mongo"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> NewStore:
    """Opens the same database again, where it can be shared; SQLite is one process's."""
    if request.param == "sqlite":
        only = SqliteDocumentStore(tmp_path / "opsimate.db")
        return lambda: only
    url = request.getfixturevalue("mongo").database_url()
    return lambda: MongoDocumentStore(url)


@pytest.fixture
async def store(new_store: NewStore) -> AsyncIterator[DocumentStore]:
    """An open store in which a token for alerts is known."""
    opened = new_store()
    await opened.open(ALL)
    await save_token(opened)
    yield opened
    await opened.close()


@pytest.fixture
async def bridge(store: DocumentStore) -> AsyncIterator[RunningBridge]:
    """An alert-bridge whose rule restarts nginx."""
    await save_all_for_nginx(store)
    async with a_bridge(store) as running:
        yield running
