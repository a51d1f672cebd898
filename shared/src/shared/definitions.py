"""Definitions as they are stored: the catalog writes them, every service reads them here.

Every version stays in a document ``name@number``, a deletion too. The newest of what is there stands once more under
its name: this head is what is found, listed and used. A document holds the definition as JSON text, because its maps
have keys from people (labels with dots) that no store keeps as keys. What can be asked for stands beside it: the names
of what the definition uses.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar, cast

from pydantic import BaseModel

from shared.contracts.action import ActionDefinition
from shared.contracts.compiled_action import CompiledAction
from shared.contracts.definition import Definition, Reference
from shared.contracts.origin import Origin
from shared.contracts.problem import did_you_mean
from shared.contracts.secret import SecretMetadata
from shared.contracts.values import instant_text, is_name
from shared.encryption import Sealer
from shared.kinds import ACTION, KINDS, PROVIDER, SECRET, Kind
from shared.store.port import Collection, Document, DocumentStore, OneOf, pages

DefinitionT = TypeVar("DefinitionT", bound=Definition)
ModelT = TypeVar("ModelT", bound=BaseModel)
Change = Literal["created", "changed", "deleted"]

LISTING = 1
"""The number of what lists can be asked for, as documents have it; they say which of them they have."""
MOST_SEARCHED = 4_000
"""Characters of a definition in which words are looked for."""
REMEMBERED = 256
"""Definitions whose text is not parsed again."""


def not_there(kind: Kind[Any], name: str, meant: str | None = None) -> str:
    """That nothing of this kind has this name, which one was probably meant, or else what makes one."""
    made_with = f"; make it with: opsimate {kind.made_with.replace('NAME', name)}" if is_name(name) else ""
    return f"there is no {kind.title} '{name}'{did_you_mean(meant) or made_with}"


@dataclass(frozen=True)
class Stored(Generic[DefinitionT]):
    """A definition with what the store knows about it. The definition is shared: it is never changed in place."""

    name: str
    uid: str
    """Names this thing among all that ever had its name: another one created after a deletion has another."""
    version: int
    """Its number: from 1, one more with every change and with a deletion, over all that ever had the name."""
    created_at: datetime
    updated_at: datetime
    updated_by: str
    definition: DefinitionT
    file_set: str = ""
    """The set of files that made it; empty where something else did."""
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What it names, by the word of the kind."""
    sealed: str = field(default="", repr=False)
    """The value of a secret, sealed for ``bound_to_secret(name)``; in a damaged one a text that nothing opens."""
    compiled: CompiledAction | None = None
    """What the analysis made of an action's commands; none where a release without one has stored it."""

    @property
    def version_id(self) -> str:
        """The id under which this version stays readable when it is changed or deleted."""
        return version_id(self.name, self.version)


@dataclass(frozen=True)
class ActionVersion:
    """One version of an action, as runs of it need it."""

    definition: ActionDefinition
    compiled: CompiledAction | None
    """None where a release without an analysis has stored it, and none has been made since."""


class ActionVersionMissingError(LookupError):
    """No version of an action has this id. Versions are never deleted: the database lost something."""


def version_id(name: str, number: int) -> str:
    """The id of a version. Numbers go on over deletions, so it never means another one."""
    return f"{name}@{number}"


def bound_to_secret(name: str) -> str:
    """What the sealed value of a secret is bound to."""
    return f"secret/{name}"


def definition_document(
    definition: Definition,
    *,
    uid: str,
    by: str,
    principal_id: str = "",
    at: datetime,
    note: str = "",
    origin: Origin | None = None,
    number: int = 1,
    created_at: datetime | None = None,
    references: Iterable[Reference] | None = None,
    sealed: str = "",
    beside: Mapping[str, object] | None = None,
    file_set: str = "",
) -> Document:
    """The head that is at this version; the version itself is the same under its own id, see ``version_of``.

    ``references`` are all that it names, where that is more than it tells by itself; without ``created_at`` it is
    created by this version. ``beside`` is what its check has made of it.
    """
    kind = KINDS[definition.kind]
    named = list(definition.references() if references is None else references)
    lists = {KINDS[word].plural: sorted({one.name for one in named if one.kind == word}) for word in kind.uses}
    change: Change = "created" if created_at is None else "changed"
    return {
        "id": definition.name,
        "name": definition.name,
        "number": number,
        "uid": uid,
        "created_at": instant_text(created_at or at),
        "change": change,
        **_signed(by, principal_id, at, note, origin),
        "definition": definition.model_dump_json(include=set(kind.kept.model_fields)),
        **listed_keys(definition),
        **lists,
        **({"sealed": sealed} if kind.sealed else {}),
        # Also where it is empty: a head is changed to what its version holds, and would keep an old one.
        "file_set": file_set,
        **(beside or {}),
    }


def listed_keys(definition: Definition) -> Document:
    """What lists can be asked for, as it stands beside a definition."""
    kind = KINDS[definition.kind]
    listed = {key: getattr(definition, key) for key in (*kind.keys, *kind.lists)}
    return {**listed, "text": _searched_text(definition, kind), "listing": LISTING} if kind.searched else listed


def _searched_text(definition: Definition, kind: Kind[DefinitionT]) -> str:
    texts: list[str] = []
    for field_ in kind.searched:
        value = getattr(definition, field_)
        texts += [value] if isinstance(value, str) else value
    return "\n".join(texts).casefold()[:MOST_SEARCHED]


def compiled_keys(compiled: CompiledAction) -> Document:
    """An action's compiled commands as they stand beside it, with the number of the analysis to ask for."""
    return {"analysis": compiled.analysis, "compiled": compiled.model_dump_json(exclude_defaults=True)}


def _compiled_in(document: Document) -> CompiledAction | None:
    text = document.get("compiled")
    return None if text is None else parsed(CompiledAction, text)


def deletion_document(
    head: Document, *, by: str, principal_id: str = "", at: datetime, note: str = "", origin: Origin | None = None
) -> Document:
    """What takes the place of a head that is deleted: a version like others, of which nothing is left to be found."""
    kept = {key: head[key] for key in ("id", "name", "uid", "created_at")}
    return {**kept, "number": head["number"] + 1, "change": "deleted", **_signed(by, principal_id, at, note, origin)}


def _signed(by: str, principal_id: str, at: datetime, note: str, origin: Origin | None) -> Document:
    signed = {"at": instant_text(at), "by": by, "principal_id": principal_id, "note": note}
    # Also where it is not known: a head is changed to what its version holds, and would keep an old one.
    return {**signed, "origin": None if origin is None else origin.model_dump(mode="json")}


def version_of(head: Document) -> Document:
    """The version that a head is at, under its own id; it is to be entered in the audit."""
    return {**head, "id": version_id(head["name"], head["number"]), "unaudited": head["at"]}


def parsed(model: type[ModelT], text: str) -> ModelT:
    """The definition that a stored text holds."""
    return cast(ModelT, _remembered(model, text))


@lru_cache(maxsize=REMEMBERED)
def _remembered(model: type[BaseModel], text: str) -> BaseModel:
    return model.model_validate_json(text)


def stored_of(kind: Kind[DefinitionT], document: Document) -> Stored[DefinitionT]:
    """A definition from its document: its head, or one of its versions that is no deletion."""
    return Stored(
        name=document["name"],
        uid=document["uid"],
        version=document["number"],
        created_at=datetime.fromisoformat(document["created_at"]),
        updated_at=datetime.fromisoformat(document["at"]),
        updated_by=document["by"],
        definition=parsed(kind.kept, document["definition"]),
        file_set=document.get("file_set", ""),
        names={word: document.get(KINDS[word].plural, ()) for word in kind.uses},
        sealed=sealed_text(document),
        compiled=_compiled_in(document),
    )


def sealed_text(document: Document) -> str:
    """The sealed value in a secret's document; where a damaged one holds none, a text that nothing opens."""
    sealed = document.get("sealed")
    return sealed if isinstance(sealed, str) else ""


async def _named(store: DocumentStore, collection: Collection, names: Iterable[str]) -> list[Document]:
    wanted = tuple(sorted(set(names)))
    if len(wanted) == 1:  # nearly always, and to get one costs half of what to find some does
        document = await store.get(collection, wanted[0])
        return [] if document is None else [document]
    return await store.find(collection, {"id": OneOf(wanted)}, limit=len(wanted)) if wanted else []


async def stored(store: DocumentStore, kind: Kind[DefinitionT], name: str) -> Stored[DefinitionT] | None:
    """The definition of this name."""
    document = await store.get(kind.collection, name)
    return None if document is None else stored_of(kind, document)


async def stored_by_name(
    store: DocumentStore, kind: Kind[DefinitionT], names: Iterable[str]
) -> dict[str, Stored[DefinitionT]]:
    """Those of these definitions that there are, by name, in one read."""
    return {found["id"]: stored_of(kind, found) for found in await _named(store, kind.collection, names)}


async def all_stored(store: DocumentStore, kind: Kind[DefinitionT]) -> list[Stored[DefinitionT]]:
    """Every definition of a kind, by name."""
    return [stored_of(kind, document) async for page in pages(store, kind.collection, {}) for document in page]


async def provider_pools(store: DocumentStore, names: Iterable[str]) -> dict[str, str]:
    """The pools of those of these providers that there are, by name, in one read."""
    return {found["id"]: found["pool"] for found in await _named(store, PROVIDER.collection, names)}


async def sealed_secrets(store: DocumentStore, names: Iterable[str]) -> dict[str, str]:
    """The sealed values of those of these secrets that there are, by name, in one read."""
    return {found["id"]: sealed_text(found) for found in await _named(store, SECRET.collection, names)}


async def action_version(store: DocumentStore, id_of_version: str) -> ActionVersion:
    """What a run of this version executes; ``ActionVersionMissingError`` where nothing has the id."""
    document = await store.get(ACTION.versions, id_of_version)
    if document is None:
        message = f"no version of an action has the id {id_of_version}"
        raise ActionVersionMissingError(message)
    return ActionVersion(parsed(ActionDefinition, document["definition"]), _compiled_in(document))


async def unreadable_secrets(store: DocumentStore, sealer: Sealer) -> list[str]:
    """The names of those secrets that the master key does not open: it is another one, or they are damaged."""
    return [one.name for one in await all_stored(store, SECRET) if not is_readable(one, sealer)]


def is_readable(secret: Stored[SecretMetadata], sealer: Sealer) -> bool:
    """Whether the master key opens it."""
    return sealer.opens(secret.sealed, bound_to=bound_to_secret(secret.name))
