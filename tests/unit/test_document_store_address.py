"""Which store an address asks for."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.store import document_store
from shared.store.mongo import MongoDocumentStore
from shared.store.sqlite import SqliteDocumentStore


async def test_sqlite_and_a_path_is_a_file_of_this_machine(tmp_path: Path) -> None:
    store = document_store(f"sqlite:{tmp_path / 'data' / 'opsimate.db'}")
    assert isinstance(store, SqliteDocumentStore)
    await store.open([])
    await store.close()
    assert (tmp_path / "data" / "opsimate.db").is_file()


@pytest.mark.parametrize("url", ["mongodb://127.0.0.1:27017/opsimate", "mongodb+srv://cluster.example.org/opsimate"])
def test_mongodb_is_a_server(url: str) -> None:
    assert isinstance(document_store(url), MongoDocumentStore)


@pytest.mark.parametrize("url", ["", "sqlite:", "data/opsimate.db", "postgres://u:secret@h/db", "mongodb:h/db"])
def test_any_other_address_is_refused_with_what_is_allowed_and_without_its_secrets(url: str) -> None:
    with pytest.raises(ValueError, match="sqlite:PATH, mongodb://") as raised:
        document_store(url)
    assert "secret" not in str(raised.value)


def test_the_embedded_form_does_not_load_the_driver_of_a_server() -> None:
    code = "import sys, shared.store; shared.store.document_store('sqlite:x'); sys.exit('motor' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
