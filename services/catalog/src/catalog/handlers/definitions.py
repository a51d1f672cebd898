"""What is alike for all kinds of definitions: created, replaced if nobody was faster, deleted if nobody uses it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import structlog

from catalog.handlers.errors import InUseError, NameTakenError, StaleError
from catalog.handlers.names import unknown
from shared.clock import Clock
from shared.definitions import Uses
from shared.store.port import Collection, Document, DocumentStore, DuplicateKeyError, Where

MOST_TRIES = 8
"""Writers that may come between reading and replacing before a replacement without If-Match gives up."""

log = structlog.get_logger()


class Named(Protocol):
    """What every definition has."""

    name: str


class Versioned(Protocol):
    """What every stored definition has."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...


DefinitionT = TypeVar("DefinitionT", bound=Named)
StoredT = TypeVar("StoredT", bound=Versioned)
WrittenT_contra = TypeVar("WrittenT_contra", bound=Named, contravariant=True)
ReadT_co = TypeVar("ReadT_co", bound=Versioned, covariant=True)


@dataclass(frozen=True)
class Written:
    """Who writes, and when."""

    by: str
    at: datetime


class Kind(Protocol[WrittenT_contra, ReadT_co]):
    """What differs between the kinds of definitions."""

    word: str
    collection: Collection

    async def check(self, definition: WrittenT_contra) -> Uses:
        """What the definition uses; ``InvalidError`` with everything that is wrong with it."""

    async def document(self, definition: WrittenT_contra, uses: Uses, written: Written, *, version: int) -> Document:
        """The definition as it is stored for the first time, apart from its version, which will be this."""

    def is_same(self, document: Document, definition: WrittenT_contra) -> bool:
        """Whether the document holds this definition already."""

    def stored(self, document: Document) -> ReadT_co:
        """What a document holds."""

    async def users(self, name: str) -> list[str]:
        """What would miss it, in words."""


class Definitions(Generic[DefinitionT, StoredT]):
    """The definitions of one kind."""

    def __init__(self, store: DocumentStore, clock: Clock, kind: Kind[DefinitionT, StoredT]) -> None:
        self._store = store
        self._clock = clock
        self._kind = kind

    async def get(self, name: str) -> StoredT:
        """The definition of this name; ``UnknownError`` where there is none."""
        document = await self._store.get(self._kind.collection, name)
        if document is None:
            raise await unknown(self._store, self._kind.collection, self._kind.word, name)
        return self._kind.stored(document)

    async def page(self, after: str | None, limit: int, where: Where | None = None) -> list[StoredT]:
        """Definitions in the order of their names, those that come after one."""
        place = None if after is None else (after, after)
        found = await self._store.find(self._kind.collection, where or {}, after=place, limit=limit)
        return [self._kind.stored(document) for document in found]

    async def create(self, definition: DefinitionT, by: str) -> StoredT:
        """Store a new definition; ``NameTakenError``, ``InvalidError``."""
        if await self._store.get(self._kind.collection, definition.name) is not None:
            raise NameTakenError(self._kind.word, definition.name)
        uses = await self._kind.check(definition)
        return await self._insert(definition, uses, by)

    async def put(self, definition: DefinitionT, by: str, versions: frozenset[int] | None) -> tuple[StoredT, bool]:
        """Create or replace; what is stored then, and whether it was created. Unchanged content stays as it is.

        ``versions`` are those that the caller wants to replace, empty for any; none for whatever there is.
        ``StaleError`` where it is another one, ``InvalidError``.
        """
        uses = await self._kind.check(definition)
        for _ in range(MOST_TRIES):
            current = await self._store.get(self._kind.collection, definition.name)
            self._require(definition.name, current, versions)
            if current is None:
                try:
                    return await self._insert(definition, uses, by), True
                except NameTakenError:
                    continue
            if self._kind.is_same(current, definition):
                return self._kind.stored(current), False
            replaced = await self._replace(current, definition, uses, by)
            if replaced is not None:
                return replaced, False
        raise StaleError(self._kind.word, definition.name, None if current is None else current["version"])

    async def delete(self, name: str, by: str, versions: frozenset[int] | None) -> None:
        """Remove it; ``UnknownError``, ``StaleError``, ``InUseError``."""
        current = await self._store.get(self._kind.collection, name)
        if current is None:
            raise await unknown(self._store, self._kind.collection, self._kind.word, name)
        self._require(name, current, versions)
        users = await self._kind.users(name)
        if users:
            raise InUseError(self._kind.word, name, users)
        where: dict[str, Any] = {"id": name} if versions is None else {"id": name, "version": current["version"]}
        if not await self._store.delete(self._kind.collection, where) and versions is not None:
            raise StaleError(self._kind.word, name, None)
        log.info("definition.deleted", kind=self._kind.word, name=name, by=by)

    def _require(self, name: str, current: Document | None, versions: frozenset[int] | None) -> None:
        if versions is None:
            return
        if current is None or (versions and current["version"] not in versions):
            raise StaleError(self._kind.word, name, None if current is None else current["version"])

    async def _insert(self, definition: DefinitionT, uses: Uses, by: str) -> StoredT:
        document = await self._kind.document(definition, uses, Written(by, self._clock()), version=1)
        try:
            await self._store.insert(self._kind.collection, document)
        except DuplicateKeyError as error:
            raise NameTakenError(self._kind.word, definition.name) from error
        log.info("definition.created", kind=self._kind.word, name=definition.name, by=by)
        return self._kind.stored({**document, "version": 1})

    async def _replace(self, current: Document, definition: DefinitionT, uses: Uses, by: str) -> StoredT | None:
        """None where somebody else was faster."""
        version = current["version"] + 1
        document = await self._kind.document(definition, uses, Written(by, self._clock()), version=version)
        document |= {"uid": current["uid"], "created_at": current["created_at"]}
        if not await self._store.replace(self._kind.collection, document, version=current["version"]):
            return None
        log.info("definition.changed", kind=self._kind.word, name=definition.name, by=by, version=version)
        return self._kind.stored({**document, "version": version})
