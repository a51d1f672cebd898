"""Where documents are kept: one port, an adapter for a file of this machine and one for a server."""

from shared.store.metered import MeteredDocumentStore
from shared.store.open_store import document_store
from shared.store.port import (
    Absent,
    Changes,
    Collection,
    Condition,
    Document,
    DocumentStore,
    DuplicateKeyError,
    OneOf,
    Range,
    Scalar,
    StoreError,
    StoreUnavailableError,
    UndeclaredKeyError,
    Where,
)

__all__ = [
    "Absent",
    "Changes",
    "Collection",
    "Condition",
    "Document",
    "DocumentStore",
    "DuplicateKeyError",
    "MeteredDocumentStore",
    "OneOf",
    "Range",
    "Scalar",
    "StoreError",
    "StoreUnavailableError",
    "UndeclaredKeyError",
    "Where",
    "document_store",
]
