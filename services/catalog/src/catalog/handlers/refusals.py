"""What handlers refuse, in words; the API gives each its status. Most of it is about names: those that nothing has,
with the one that was probably meant, and those that others still use.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from shared.collections import RUNS
from shared.contracts.definition import Reference
from shared.contracts.problem import FieldError, Fix, nearest, nearest_name
from shared.definitions import Stored, not_there
from shared.kinds import KINDS, Kind
from shared.runs.repository import NOT_ENDED, run_ids_on
from shared.store.port import Collection, DocumentStore, OneOf, Range, pages

LONGEST_NAME_SHOWN = 100


class RefusedRequestError(Exception):
    """Something that was asked for cannot be done; the text says why and what to do."""


class UnknownError(RefusedRequestError):
    """There is nothing of that name or id."""

    def __init__(self, word: str, name: str, known: Iterable[str] = ()) -> None:
        shown = name[:LONGEST_NAME_SHOWN]
        super().__init__(f"there is no {word} '{shown}'{nearest(shown, known)}")


class NoVersionsError(RefusedRequestError):
    """It has no versions of its own."""

    def __init__(self, word: str, name: str, action: str) -> None:
        super().__init__(
            f"the {word} '{name}' has no versions of its own: see those of the action '{action}', to which it belongs"
        )


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


class NameTakenError(RefusedRequestError):
    """Something of that kind has the name already."""

    def __init__(self, word: str, name: str, *, instead: str = "change that one") -> None:
        super().__init__(f"the name is taken: there is {_a(word)} '{name}' already; choose another one, or {instead}")


class StaleError(RefusedRequestError):
    """It was changed since the caller saw it."""

    def __init__(self, word: str, name: str, version: int | None) -> None:
        now = "is not there" if version is None else f"is at version {version} by now"
        super().__init__(f"the {word} '{name}' {now}, and another version was to be changed: read it again first")


class InUseError(RefusedRequestError):
    """It cannot be deleted while others use it."""

    def __init__(self, word: str, name: str, users: Sequence[str]) -> None:
        super().__init__(f"the {word} '{name}' is used by {', '.join(users)}; change or delete that first")


class ForbiddenError(RefusedRequestError):
    """Whoever asks may not do this here, though it may elsewhere."""


class InvalidError(RefusedRequestError):
    """These fields cannot be so."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = list(errors)


class ConflictError(RefusedRequestError):
    """It cannot be done as things stand."""


class StoppingError(RefusedRequestError):
    """This process is told to stop, and cannot wait for an answer of another any longer."""


PAGE = 200
MOST_AT_ONCE = 1_000
"""Names looked up in one read."""
MOST_SUGGESTIONS = 2_000
"""Names read to find the nearest one."""
MOST_USERS = 5
"""Of each kind, named to somebody who wants to delete what they use."""
LAST = "\x7f"
"""Sorts after everything that a name is made of."""


async def missing_errors(store: DocumentStore, references: Iterable[Reference]) -> list[FieldError]:
    """Every reference to something that is not there, with what was probably meant."""
    wanted = list(references)
    known = {kind: await _known(store, KINDS[kind], names) for kind, names in _by_kind(wanted).items()}
    return [_missing_error(one, known[one.kind]) for one in wanted if one.name not in known[one.kind]]


def _missing_error(one: Reference, known: Iterable[str]) -> FieldError:
    meant = nearest_name(one.name, known)
    fixes = [] if meant is None else [Fix(title=f"write '{meant}'", changes={one.field: meant})]
    return FieldError(field=one.field, message=not_there(KINDS[one.kind], one.name, meant), fixes=fixes)


def _by_kind(references: Iterable[Reference]) -> Mapping[str, set[str]]:
    names: defaultdict[str, set[str]] = defaultdict(set)
    for one in references:
        names[one.kind].add(one.name)
    return names


async def _known(store: DocumentStore, kind: Kind[Any], wanted: set[str]) -> frozenset[str]:
    """Those of the wanted names that exist; where one does not, all names, to find the nearest among them."""
    found = await existing(store, kind, wanted)
    # Beyond the number of suggestions the wanted ones still have to be among them.
    return found if len(found) == len(wanted) else found | await _all_names(store, kind.collection)


async def existing(store: DocumentStore, kind: Kind[Any], wanted: Iterable[str]) -> frozenset[str]:
    """Those of the names that something of this kind has."""
    names, found = sorted(set(wanted)), set[str]()
    for begin in range(0, len(names), MOST_AT_ONCE):
        part = tuple(names[begin : begin + MOST_AT_ONCE])
        found |= {one["id"] for one in await store.find(kind.collection, {"id": OneOf(part)}, limit=len(part))}
    return frozenset(found)


async def _all_names(store: DocumentStore, collection: Collection) -> frozenset[str]:
    names: list[str] = []
    async for page in pages(store, collection, {}, size=PAGE):
        names += [document["id"] for document in page]
        if len(names) >= MOST_SUGGESTIONS:
            break
    return frozenset(names)


async def unknown(store: DocumentStore, kind: Kind[Any], name: str) -> UnknownError:
    """The error for a name that is not there, with the nearest one that is.

    Somebody who applies a thousand new definitions asks for each of them first, so little is read: where there are
    many names, only those that begin as this one does.
    """
    page = await store.find(kind.collection, {}, limit=PAGE)
    if len(page) == PAGE and name:
        page = await store.find(kind.collection, {"id": Range(at_least=name[0], below=name[0] + LAST)}, limit=PAGE)
    return UnknownError(kind.title, name, [document["id"] for document in page])


async def gone(store: DocumentStore, definitions: Sequence[Stored[Any]]) -> list[list[str]]:
    """For each of these definitions, what it names that is not there any more, in sentences."""
    named = _by_kind(reference for one in definitions for reference in _names_in(one))
    there = {kind: await existing(store, KINDS[kind], names) for kind, names in named.items()}
    lacking = [[(kind, name) for kind, name, _ in _names_in(one) if name not in there[kind]] for one in definitions]
    return [[f"there is no {KINDS[kind].title} '{name}' any more" for kind, name in one] for one in lacking]


def _names_in(stored: Stored[Any]) -> Iterator[Reference]:
    return (Reference(kind, name, "") for kind, names in stored.names.items() for name in names)


async def users_of(store: DocumentStore, kind: Kind[Any], name: str) -> list[str]:
    """What would miss it, in words: definitions of every kind that may name it, and runs that have not ended."""
    users: list[str] = []
    for other in KINDS.values():
        if kind.word in other.uses:
            found = await store.find(other.collection, {kind.plural: name}, limit=MOST_USERS + 1)
            users += [f"{other.title} '{one['id']}'" for one in found[:MOST_USERS]]
            users += [f"more {other.titles}"] if len(found) > MOST_USERS else []
    if kind.word in _RUN_WITH and (run := await _RUN_WITH[kind.word](store, name)):
        users.append(f"the run '{run}', which has not ended")
    return users


async def _run_on(store: DocumentStore, provider: str) -> str | None:
    runs = await store.find(RUNS, {"providers": provider, "state": NOT_ENDED}, limit=1)
    if runs:
        return str(runs[0]["id"])
    async for run_ids in run_ids_on(store, provider):
        runs = await store.find(RUNS, {"id": OneOf(run_ids), "state": NOT_ENDED}, limit=1, fields=("state",))
        if runs:
            return str(runs[0]["id"])
    return None


async def _run_given(store: DocumentStore, secret: str) -> str | None:
    async for page in pages(store, RUNS, {"state": NOT_ENDED}, fields=("parameters",)):
        for run in page:
            if {"secret": secret} in run["parameters"].values():
                return str(run["id"])
    return None


_RUN_WITH: Mapping[str, Callable[[DocumentStore, str], Awaitable[str | None]]] = {
    "provider": _run_on,
    "secret": _run_given,
}
"""A run that has not ended and needs the definition. Runs hold the version of their action, and go on without it."""
