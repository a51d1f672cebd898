"""What is alike for all kinds of definitions: created, replaced if nobody was faster, deleted if nobody uses it, and
every version of it listed, compared and restored.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic

import structlog
from pydantic import ValidationError

from catalog.domain.checks import OWN_CHECKS
from catalog.domain.definition_text import difference
from catalog.domain.list_check import check_lists
from catalog.domain.text_check import check_texts
from catalog.handlers.checks import STORE_CHECKS, CheckContext
from catalog.handlers.refusals import (
    ConflictError,
    InUseError,
    InvalidError,
    NameTakenError,
    StaleError,
    UnknownError,
    gone,
    missing_errors,
    unknown,
    users_of,
)
from catalog.handlers.versions import Version, Versions
from shared.clock import Clock, new_id
from shared.contracts.definition import Definition, Reference
from shared.contracts.origin import Origin
from shared.contracts.problem import FieldError, field_errors
from shared.contracts.secret import SecretDefinition
from shared.definitions import (
    DefinitionT,
    Stored,
    bound_to_secret,
    definition_document,
    deletion_document,
    parsed,
    sealed_text,
    stored_of,
)
from shared.encryption import MasterKeyError
from shared.kinds import VERSION_SUMMARY, Kind
from shared.store.port import Document, after_id

MOST_TRIES = 8
"""Writers that may come between reading and writing before a write without If-Match gives up."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Write:
    """Who writes, why, and over what."""

    by: str
    principal_id: str
    note: str = ""
    versions: frozenset[int] | None = None
    """Those that the writer wants to replace, empty for whatever is there; none for that, or nothing."""
    file_set: str = ""
    """The set of files that it stands in. What this write creates is marked with it."""
    adopts: bool = False
    """Mark with it also what is there already."""
    origin: Origin | None = None
    """From where."""


class Definitions(Generic[DefinitionT]):
    """The definitions of one kind."""

    def __init__(
        self,
        kind: Kind[DefinitionT],
        context: CheckContext,
        clock: Clock,
        *,
        is_trial: bool = False,
        tell: Callable[[Document, Document | None], Awaitable[None]] | None = None,
    ) -> None:
        """``is_trial``: nothing is logged, as nothing happens. ``tell`` is called with the newest version of what
        changed, and with the head before it, where there was one.
        """
        self.kind = kind
        self._is_trial, self._tell = is_trial, tell
        self._context, self._store = context, context.store
        self._clock = clock
        self._versions = Versions(context.store, kind)

    async def get(self, name: str) -> Stored[DefinitionT]:
        """The definition of this name; ``UnknownError`` where there is none."""
        document = await self._store.get(self.kind.collection, name)
        if document is None:
            raise await unknown(self._store, self.kind, name)
        return stored_of(self.kind, document)

    async def page(self, after: str | None, limit: int) -> list[Stored[DefinitionT]]:
        """Definitions in the order of their names, those that come after one."""
        found = await self._store.find(self.kind.collection, {}, after=after_id(after), limit=limit)
        return [stored_of(self.kind, document) for document in found]

    async def gone(self, definitions: Sequence[Stored[DefinitionT]]) -> list[list[str]]:
        """For each of them, what it names that is not there any more, in sentences."""
        return await gone(self._store, definitions)

    async def create(self, definition: Definition, write: Write) -> Stored[DefinitionT]:
        """Store a new definition; ``NameTakenError``, ``InvalidError``."""
        if await self._store.get(self.kind.collection, definition.name) is not None:
            raise NameTakenError(self.kind.title, definition.name)
        return (await self._save(definition, write, only_new=True))[0]

    async def put(self, definition: Definition, write: Write) -> tuple[Stored[DefinitionT], bool]:
        """Create or replace; what is stored then, and whether it was created. Unchanged content stays as it is.

        ``StaleError`` where it is not at a version that the writer means, ``InvalidError``.
        """
        return await self._save(definition, write)

    async def delete(self, name: str, write: Write) -> None:
        """Remove it, which is a version too; ``UnknownError``, ``StaleError``, ``InUseError``."""
        for _ in range(MOST_TRIES):
            head, number = await self._versions.present(name)
            if head is None:
                raise await unknown(self._store, self.kind, name)
            self._require(name, head, write)
            if users := await users_of(self._store, self.kind, name):
                raise InUseError(self.kind.title, name, users)
            deletion = deletion_document(head, **self._signed(write))
            if await self._versions.add(deletion):
                await self._changed(deletion, head)
                return
        raise StaleError(self.kind.title, name, number)

    async def versions(self, name: str, after: int | None, limit: int) -> list[Version]:
        """Versions of what has or had the name, the newest first; ``UnknownError`` where nothing ever had it."""
        await self._require_versions(name)
        found = await self._versions.page(name, after, limit, fields=VERSION_SUMMARY)
        return [self._version(document) for document in found]

    async def version(self, name: str, number: int) -> Version:
        """One version; ``UnknownError``."""
        await self._require_versions(name)
        document = await self._versions.of(name, number)
        if document is None:
            raise UnknownError(f"version {number} of the {self.kind.title}", name)
        return self._version(document)

    async def compare(self, name: str, number: int, against: int) -> str:
        """What version ``number`` changes of version ``against``, as a unified diff; ``UnknownError``.

        Version 0 is what was there before the first one: nothing.
        """
        new = await self.version(name, number)
        old = None if against == 0 else (await self.version(name, against)).definition
        called = f"{self.kind.word} {name}, version"
        return difference((f"{called} {against}", old), (f"{called} {number}", new.definition))

    async def restore(self, name: str, number: int, write: Write) -> Stored[DefinitionT]:
        """Store once more what a version says, as a new one, also where the name was deleted.

        ``UnknownError``, ``ConflictError`` where the version holds nothing to restore, and what ``put`` raises.
        """
        version = await self.version(name, number)
        if self.kind.sealed:
            message = f"no old {self.kind.sealed} of a {self.kind.title} is kept, so none can be restored; set it anew"
            raise ConflictError(message)
        if version.text is None:
            message = f"version {number} is a deletion, so there is nothing to restore; take one before it"
            raise ConflictError(message)
        try:
            definition = self.kind.model.model_validate_json(version.text)
        except ValidationError as error:
            raise InvalidError(field_errors(error.errors(include_url=False))) from error
        write = replace(write, note=write.note or f"restores version {number}")
        return (await self._save(definition, write))[0]

    async def _save(
        self, definition: Definition, write: Write, *, only_new: bool = False
    ) -> tuple[Stored[DefinitionT], bool]:
        references, beside = await self._checked(definition)
        for _ in range(MOST_TRIES):
            head, number = await self._versions.present(definition.name)
            if only_new and head is not None:
                raise NameTakenError(self.kind.title, definition.name)
            self._require(definition.name, head, write)
            file_set = _file_set(head, write)
            if head is not None and head.get("file_set", "") == file_set and self._is_same(head, definition):
                return stored_of(self.kind, head), False
            document = definition_document(
                definition,
                uid=new_id() if head is None else head["uid"],
                number=number,
                created_at=None if head is None else datetime.fromisoformat(head["created_at"]),
                references=references,
                sealed=self._sealed(definition, head),
                beside=beside,
                file_set=file_set,
                **self._signed(write),
            )
            if await self._versions.add(document):
                await self._changed(document, head)
                return stored_of(self.kind, document), head is None
        raise StaleError(self.kind.title, definition.name, number)

    async def _changed(self, version: Document, before: Document | None) -> None:
        if not self._is_trial:
            event = f"definition.{version['change']}"
            log.info(event, kind=self.kind.word, name=version["name"], by=version["by"], version=version["number"])
        if self._tell is not None:
            await self._tell(version, before)

    def _signed(self, write: Write) -> dict[str, Any]:
        signed = {name: getattr(write, name) for name in ("by", "principal_id", "note", "origin")}
        return {**signed, "at": self._clock()}

    async def _checked(self, definition: Definition) -> tuple[list[Reference], Mapping[str, object] | None]:
        """All that it names, and what is stored beside it; ``InvalidError`` with everything that is wrong with it."""
        own_check, check = OWN_CHECKS.get(self.kind.word), STORE_CHECKS.get(self.kind.word)
        references, errors = list(definition.references()), [*check_texts(definition), *check_lists(definition)]
        errors += own_check(definition) if own_check else ()
        beside = None
        if check is not None:
            findings = await check(definition, self._context)
            errors += findings.errors
            references = references if findings.references is None else findings.references
            beside = findings.beside
        own = (self.kind.word, definition.name)  # that it names itself is told by its check, and is no lack
        errors += await missing_errors(self._store, [one for one in references if (one.kind, one.name) != own])
        if errors:
            raise InvalidError(errors)
        return references, beside

    async def _require_versions(self, name: str) -> None:
        head, next_number = await self._versions.present(name)
        if head is None and next_number == 1:
            raise await unknown(self._store, self.kind, name)

    def _require(self, name: str, head: Document | None, write: Write) -> None:
        if write.versions is None:
            return
        if head is None or (write.versions and head["number"] not in write.versions):
            raise StaleError(self.kind.title, name, None if head is None else head["number"])

    def _is_same(self, head: Document, definition: Definition) -> bool:
        """Whether the head holds this already; a value that another master key sealed is another."""
        fields = set(self.kind.kept.model_fields)
        stored = parsed(self.kind.kept, head["definition"])
        if stored.model_dump() != definition.model_dump(include=fields):
            return False
        if not isinstance(definition, SecretDefinition) or definition.text is None:
            return True
        try:
            value = self._context.sealer.open(sealed_text(head), bound_to=bound_to_secret(definition.name))
        except MasterKeyError:
            return False
        return value == definition.text

    def _sealed(self, definition: Definition, head: Document | None) -> str:
        """The sealed value of a secret: the one that it brings, or else the one that the head has."""
        if not isinstance(definition, SecretDefinition):
            return ""
        if definition.text is not None:
            return self._context.sealer.seal(definition.text, bound_to=bound_to_secret(definition.name))
        if head is None:
            message = f"is not stored yet: store it with opsimate secrets set {definition.name}, or give it here"
            raise InvalidError([FieldError(field="value", message=message)])
        return sealed_text(head)

    def _version(self, document: Document) -> Version:
        return Version(
            number=document["number"],
            change=document["change"],
            at=datetime.fromisoformat(document["at"]),
            by=document["by"],
            principal_id=document["principal_id"],
            note=document["note"],
            text=document.get("definition"),
        )


def _file_set(head: Document | None, write: Write) -> str:
    """The mark of what is written: what is there keeps its own, unless it is adopted."""
    return write.file_set if head is None or write.adopts else head.get("file_set", "")
