"""One suite for every adapter: SQLite, and MongoDB through each of the two drivers."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient

from shared.store import DocumentStore
from shared.store.mongo import MongoDocumentStore
from shared.store.sqlite import SqliteDocumentStore
from tests.contract.store.declarations import ALL

NewStore = Callable[[], DocumentStore]


@pytest.fixture(params=["sqlite", "motor", "pymongo"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> NewStore:
    """Makes stores that are not open yet, all of the same place."""
    if request.param == "sqlite":
        return lambda: SqliteDocumentStore(tmp_path / "data" / "store.db")
    url = request.getfixturevalue("mongo").database_url()
    if request.param == "motor":
        return lambda: MongoDocumentStore(url)
    return lambda: MongoDocumentStore(url, client_class=AsyncMongoClient)


@pytest.fixture
async def store(new_store: NewStore) -> AsyncIterator[DocumentStore]:
    """An open, empty store."""
    opened = new_store()
    await opened.open(ALL)
    yield opened
    await opened.close()
