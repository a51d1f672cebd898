"""Where documents are kept: one port, an adapter for a file of this machine and one for a server."""

from pathlib import Path

from shared.store.metered import MeteredDocumentStore
from shared.store.port import (
    Absent,
    Change,
    Changes,
    Collection,
    Condition,
    Document,
    DocumentStore,
    DuplicateKeyError,
    Insert,
    OneOf,
    OrderedWrite,
    Range,
    Replace,
    Scalar,
    StoreError,
    StoreUnavailableError,
    UndeclaredKeyError,
    Where,
)
from shared.store.sqlite import SqliteDocumentStore

__all__ = [
    "Absent",
    "Change",
    "Changes",
    "Collection",
    "Condition",
    "Document",
    "DocumentStore",
    "DuplicateKeyError",
    "Insert",
    "MeteredDocumentStore",
    "OneOf",
    "OrderedWrite",
    "Range",
    "Replace",
    "Scalar",
    "StoreError",
    "StoreUnavailableError",
    "UndeclaredKeyError",
    "Where",
    "document_store",
]


def document_store(url: str) -> DocumentStore:
    """The store at ``sqlite:PATH`` or ``mongodb://…``, not opened yet; ``ValueError`` for any other address."""
    scheme, _, rest = url.partition(":")
    if scheme == "sqlite" and rest:
        return SqliteDocumentStore(Path(rest))
    if scheme in ("mongodb", "mongodb+srv") and rest.startswith("//"):
        # Imported only here and now: motor costs the embedded form start-up time and memory for nothing.
        from shared.store.mongo import MongoDocumentStore

        return MongoDocumentStore(url)
    raise ValueError(
        f"a store's address is sqlite:PATH, mongodb://HOST/DATABASE or mongodb+srv://HOST/DATABASE, not {scheme}:…"
    )
