"""What earlier releases left behind, as they really did: messages on the wire, and a store.

All of release 1 is from one product whose runs were under way when its store was copied: the messages speak of
the runs in that store. Its attempts have ids of three parts, `RUN.STEP.NUMBER`.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.store.port import Document

_SAMPLES = Path(__file__).parent / "samples"
MASTER_KEY = (_SAMPLES / "stores" / "release-1.master-key").read_text().strip()
"""What the secrets in the store of release 1 were sealed with."""
ADMIN_TOKEN = "opsimate_release-1-administrator-token-0000000000000"
"""The first administrator's in the store of release 1."""
COPIED_AT = datetime(2026, 11, 28, 20, 16, 9, tzinfo=UTC)
"""When the store of release 1 was copied."""


@dataclass(frozen=True)
class WireMessage:
    """A message as a broker has it."""

    name: str
    exchange: str
    routing_key: str
    kind: str
    body: Mapping[str, Any]
    headers: Mapping[str, Any] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """The body, byte for byte as it was."""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()

    def with_kind(self, kind: str) -> "WireMessage":
        """The same under another name."""
        return replace(self, name=f"{self.name} as {kind}", kind=kind)

    def with_field(self, name: str, value: Any) -> "WireMessage":
        """The same with one more field."""
        return replace(self, name=f"{self.name} with {name}", body={**self.body, name: value})

    def without_field(self, name: str) -> "WireMessage":
        """The same without this field."""
        left = {key: value for key, value in self.body.items() if key != name}
        return replace(self, name=f"{self.name} without {name}", body=left)


def messages(release: str = "release-1") -> list[WireMessage]:
    """Every kind of message of a release, with what its services really put into it."""
    return [_read(path) for path in sorted((_SAMPLES / "messages" / release).glob("*.json"))]


def _read(path: Path) -> WireMessage:
    found = json.loads(path.read_text())
    properties = found["properties"]
    return WireMessage(
        path.stem,
        found["exchange"],
        found["routing_key"],
        properties["type"],
        found["body"],
        properties.get("headers", {}),
    )


def write_database(path: Path, release: str = "release-1", *, under_way: bool = True) -> None:
    """Make the database file of a release, as its embedded form left it; with the runs under way, or without them."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript((_SAMPLES / "stores" / f"{release}.sql").read_text())
        if not under_way:
            _forget_runs_under_way(database)


def _forget_runs_under_way(database: sqlite3.Connection) -> None:
    going_on = "SELECT id FROM runs WHERE state IN ('queued', 'running')"
    for table, run_id in (("attempts", "substr(id, 1, 26)"), ("output", "substr(id, 1, 26)"), ("runs providers", "id")):
        database.execute(f'DELETE FROM "{table}" WHERE {run_id} IN ({going_on})')  # noqa: S608
    database.execute(f"DELETE FROM runs WHERE id IN ({going_on})")  # noqa: S608
    database.commit()


def documents(release: str = "release-1", *, under_way: bool = True) -> Iterator[tuple[str, Document]]:
    """Every stored document of a release, each with the name of its collection."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript((_SAMPLES / "stores" / f"{release}.sql").read_text())
        if not under_way:
            _forget_runs_under_way(database)
        for (name,) in database.execute('SELECT name FROM " declared"').fetchall():
            for version, body, blob in database.execute(f'SELECT version, " body", " blob" FROM "{name}"'):  # noqa: S608
                document = {**json.loads(body), "version": version}
                yield name, document if blob is None else {**document, "data": blob}
