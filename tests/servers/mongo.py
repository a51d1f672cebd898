"""MongoDB for tests, or its stand-in where there is none."""

import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit, urlunsplit

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

from tests.servers import engine, stand_in
from tests.servers.ports import free_port
from tests.servers.process import ServerFailed, ServerProcess, remove
from tests.servers.sources import MONGO, Source

DATABASES = "opsimate_test_"
"""What the name of every test's database begins with."""


class MongoServer:
    """A started server that speaks MongoDB's wire protocol."""

    def __init__(self, url: str, *, is_stand_in: bool, end: Callable[[], None] | None) -> None:
        self.url = url
        self.is_stand_in = is_stand_in
        """Whether it is not MongoDB itself: it keeps nothing across a restart and lacks rare features."""
        self._end = end
        self._databases: list[str] = []

    def database_url(self) -> str:
        """The address of a database that nobody has used before."""
        database = f"{DATABASES}{secrets.token_hex(6)}"
        self._databases.append(database)
        parts = urlsplit(self.url)
        query = parts.query
        if parts.username and "authSource" not in parse_qs(query):  # else the new database would be asked
            query = "&".join(filter(None, [query, f"authSource={parts.path.strip('/') or 'admin'}"]))
        return urlunsplit(parts._replace(path=f"/{database}", query=query))

    def close(self) -> None:
        """End our own server; of somebody else's, remove the databases that we named."""
        if self._end:
            self._end()
            return
        with _client(self.url) as client:
            for database in self._databases:
                client.drop_database(database)


def shared_mongo() -> MongoServer:
    """The server that the environment names, or else our own; `ServerMissing` where none can be had."""
    match MONGO.source():
        case Source.ADDRESS:
            return MongoServer(MONGO.address() or "", is_stand_in=False, end=None)
        case Source.CONTAINER:
            return _start_container()
        case Source.PROGRAM:
            return _start_stand_in()


def _start_container() -> MongoServer:
    user, password, port = f"test-{secrets.token_hex(4)}", secrets.token_urlsafe(), free_port()
    container = engine.Container(
        MONGO.image or "",
        port=27017,
        published_at=port,
        environment={"MONGO_INITDB_ROOT_USERNAME": user, "MONGO_INITDB_ROOT_PASSWORD": password},
    )
    url = f"mongodb://{user}:{password}@127.0.0.1:{port}/"
    container.wait_until(lambda: answers(url))
    return MongoServer(url, is_stand_in=False, end=container.remove)


def _start_stand_in() -> MongoServer:
    directory, port = Path(tempfile.mkdtemp(prefix="opsimate-mongo-")), free_port()
    process = ServerProcess(stand_in.command(port), directory=directory, log=directory / "output.log")
    url = f"mongodb://127.0.0.1:{port}/"
    process.wait_until(lambda: answers(url))

    def end() -> None:
        process.end()
        remove(directory)

    return MongoServer(url, is_stand_in=True, end=end)


def answers(url: str) -> bool:
    """Whether it can be used; `ServerFailed` when it answers and refuses, which waiting would not change."""
    with _client(url) as client:
        try:
            client.admin.command("ping")
        except ConnectionFailure:
            return False
        except OperationFailure as refusal:
            raise ServerFailed(
                f"The MongoDB started for the tests refuses them: {refusal}. Name another one in {MONGO.variable}, "
                "or set DOCKER_HOST=none to do without containers."
            ) from refusal
        return True


def _client(url: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(url, serverSelectionTimeoutMS=1000)
