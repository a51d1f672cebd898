"""The DocumentStore port: what every adapter promises, in full.

A document is a JSON object (text, finite numbers of at most 64 bits, booleans, null, lists, objects) with a text
``id`` and a ``version`` that the store itself keeps: 1 when inserted, one more with every change. Keys of inner
objects hold no dot, no leading dollar and no NUL, so that every adapter can keep them. At most one top-level field
of a collection, its ``blob``, holds bytes. What is no such document is refused with a ``StoreError``.

Only declared keys can be asked for, so that no adapter ever has to scan: a filter or an order that names
anything else is an ``UndeclaredKeyError``, which is a mistake in our code and never a user's.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

Document = dict[str, Any]


class Dumped(Document):
    """A document as a model dumps it in JSON's mode: nothing else can be in it, so that nobody has to look for that."""


Scalar = str | int | float | bool | None


class StoreError(Exception):
    """Something the store refused or could not do."""


class StoreUnavailableError(StoreError):
    """The store did not answer in time. The operation may or may not have happened: ask again."""


class DuplicateKeyError(StoreError):
    """A document with the same id, or the same values of a unique key, is already there."""

    def __init__(self, collection: str, key: tuple[str, ...]) -> None:
        super().__init__(f"{collection}: another document has the same {', '.join(key)}")
        self.collection = collection
        self.key = key


class UndeclaredKeyError(StoreError):
    """A filter or an order names a field that the collection does not declare."""


@dataclass(frozen=True)
class Collection:
    """A kind of document and the keys by which it can be found."""

    name: str
    keys: tuple[str, ...] = ()
    """Fields that filters may name, dotted for inner ones (``trigger.kind``); ``id`` and ``version`` always may.

    A key holds values of one kind (texts, numbers, or true and false) or null. It may hold an object, of which a
    filter can only say that it is there (``Range()``) or not (``Absent()``). One that begins no index gets its own.
    """
    lists: tuple[str, ...] = ()
    """Fields that hold a list of texts; a filter on one holds where the list contains the text, or one of them."""
    unique: tuple[tuple[str, ...], ...] = ()
    """Sets of keys whose values together no two documents share; a document lacking one of them is not held to it."""
    indexes: tuple[tuple[str, ...], ...] = ()
    """Sets of keys to index together, in order; every index ends with ``id`` by itself."""
    guards: tuple[str, ...] = ()
    """Those of ``keys`` that filters name only beside others, to guard a change: they need no index."""
    summary: tuple[str, ...] = ()
    """Top-level fields that reading can be limited to, kept so that the rest of the document is not read for them."""
    blob: str | None = None


@dataclass(frozen=True)
class OneOf:
    """Holds where the field has one of these values."""

    values: tuple[Scalar, ...]


@dataclass(frozen=True)
class AllOf:
    """Holds where a declared list contains all of these texts, one at least."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class Range:
    """Holds where the field is there and lies between the bounds; a bound of None is no bound."""

    at_least: Scalar = None
    above: Scalar = None
    at_most: Scalar = None
    below: Scalar = None


@dataclass(frozen=True)
class Absent:
    """Holds where the field is missing or null."""


Condition = Scalar | OneOf | AllOf | Range | Absent
Where = Mapping[str, Condition]


@dataclass(frozen=True)
class Changes:
    """What to do to a document, by dotted paths (``steps.2.state``), all in one atomic update.

    ``set`` makes missing inner objects; ``append`` adds the values to a list, making it where there is none;
    ``increment`` counts from 0 where there is nothing. No path may be named twice or contain another, and none may
    be ``id`` or ``version``. A path that leads through a text or a number is a ``StoreError``, as are appending to
    what is no list and incrementing what is no number. Null is neither a list nor a number nor an object, but not
    every server refuses it: leave a field out rather than null where it is to be appended to or counted.
    """

    set: Mapping[str, Any] = field(default_factory=dict)
    append: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    increment: Mapping[str, int] = field(default_factory=dict)
    unset: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Insert:
    """A call of ``insert``, as one of several writes in order."""

    verb: ClassVar = "insert"
    collection: Collection
    document: Document


@dataclass(frozen=True, slots=True)
class Replace:
    """A call of ``replace``, as one of several writes in order."""

    verb: ClassVar = "replace"
    collection: Collection
    document: Document
    version: int


@dataclass(frozen=True, slots=True)
class Change:
    """A call of ``change``, as one of several writes in order."""

    verb: ClassVar = "change"
    collection: Collection
    where: Where
    changes: Changes


OrderedWrite = Insert | Replace | Change


class DocumentStore(Protocol):
    """Collections of documents. Every verb is atomic on one document and durable when it returns.

    A verb raises ``StoreUnavailableError`` within five seconds where the store is away, and works again by itself
    once it is back.
    """

    async def open(self, collections: Sequence[Collection]) -> None:
        """Connect and see to it that the collections and their indexes exist; opening again changes nothing."""

    async def close(self) -> None:
        """Finish what was begun and let go of every resource."""

    async def ping(self) -> None:
        """Return if the store answers a read now."""

    async def get(
        self,
        collection: Collection,
        id: str,  # noqa: A002 - the field's own name
        *,
        fields: Sequence[str] | None = None,
    ) -> Document | None:
        """The document with this id, or only these fields of it, as ``find`` says."""

    async def insert(self, collection: Collection, document: Document) -> None:
        """Add a document as version 1; ``DuplicateKeyError`` where its id or a unique key is taken."""

    async def replace(self, collection: Collection, document: Document, *, version: int) -> bool:
        """Put this document in place of the one with its id if that still has ``version``; whether it did."""

    async def change(self, collection: Collection, where: Where, changes: Changes) -> bool:
        """Change the one document whose ``id`` the filter names, if the rest of the filter holds; whether it did."""

    async def change_all(self, collection: Collection, where: Where, changes: Changes) -> int:
        """Change every document the filter holds for, each atomically by itself; how many."""

    async def claim(
        self, collection: Collection, where: Where, changes: Changes, *, order_by: str = "id"
    ) -> Document | None:
        """Change the first document the filter holds for, and return it.

        Of any number of claimants exactly one gets a document whose filter its change makes false. What is
        returned has the change, but may have later ones too: decide on what the filter guaranteed.
        """

    async def write_in_order(self, writes: Sequence[OrderedWrite]) -> list[bool]:
        """Make these writes one after the other, and wait once for all; which of them were made.

        A replacement or a change that is not made ends it: those after it are not made either. An insertion that is not
        made, as its id or a unique key is taken, ends nothing; insertions into one collection that follow each other
        may be made in any order. Where one fails, those before it stay made. A crash in between may leave the first
        ones made, and never one without those before it.
        """

    async def find(
        self,
        collection: Collection,
        where: Where,
        *,
        order_by: str = "id",
        descending: bool = False,
        after: tuple[Scalar, str] | None = None,
        limit: int = 100,
        fields: Sequence[str] | None = None,
    ) -> list[Document]:
        """Documents the filter holds for, ordered by a key and then by id.

        Where ``fields`` are named, each of them declared in the collection's ``summary``, the documents hold these
        alone, beside ``id`` and ``version``, and nothing else of them is read.
        ``after`` is the pair (value of ``order_by``, id) of the last document of the page before.
        Documents without the key they are ordered by come first ascending, last descending.
        """

    async def count(self, collection: Collection, where: Where, *, limit: int | None = None) -> int:
        """How many documents the filter holds for; no more than ``limit``, one at least, are counted."""

    async def count_by(self, collection: Collection, where: Where, key: str) -> dict[Scalar, int]:
        """How many documents the filter holds for, by their values of a key; those without it under None.

        The key is one that an order may name, and holds no object.
        """

    async def delete(self, collection: Collection, where: Where, *, limit: int | None = None) -> int:
        """Remove every document the filter holds for, or of these the ``limit`` with the least ids; how many.

        Nothing is left to remove where fewer than ``limit`` were, unless somebody else removes them, too, at the time.
        """


def after_id(last: str | None) -> tuple[str, str] | None:
    """The ``after`` of the page that follows this id in a list ordered by id; of the first page where there is none."""
    return None if last is None else (last, last)


async def pages(
    store: DocumentStore,
    collection: Collection,
    where: Where,
    *,
    order_by: str = "id",
    size: int = 200,
    fields: Sequence[str] | None = None,
) -> AsyncIterator[list[Document]]:
    """Every document the filter holds for, ordered by a field that each of them has, in pages of at most ``size``.

    No page is empty. Pages are read as they are asked for: what changes meanwhile may be missed or, where the value of
    ``order_by`` grows, seen twice.
    """
    after: tuple[Scalar, str] | None = None
    while page := await store.find(collection, where, order_by=order_by, after=after, limit=size, fields=fields):
        yield page
        if len(page) < size:
            return
        after = (page[-1][order_by], page[-1]["id"])
