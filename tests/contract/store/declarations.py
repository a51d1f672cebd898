"""The collections that the store's tests use, and documents for them."""

from typing import Any

from shared.store import Collection, Document

RUNS = Collection(
    "runs",
    keys=("state", "created_at", "action", "trigger.kind", "request_id", "fence", "urgent", "approval"),
    lists=("labels", "trigger.tags"),
    unique=(("request_id",), ("action", "trigger.kind")),
    indexes=(("state", "created_at"),),
    summary=("state", "labels", "trigger", "n", "gone"),
)
OUTPUT = Collection("output", keys=("run_id",), summary=("run_id",), blob="data")
NOTES = Collection("notes")
GUARDED = Collection("guarded", keys=("kind", "fence"), guards=("fence",))
ALL = (RUNS, OUTPUT, NOTES, GUARDED)


def a_run(id_: str, **fields: Any) -> Document:
    """A run with nothing but its id and what the test is about."""
    return {"id": id_, **fields}


def ids(documents: list[Document]) -> list[str]:
    """The ids, in the order of the documents."""
    return [document["id"] for document in documents]
