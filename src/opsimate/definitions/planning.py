"""Bringing the product to what files say: the server plans it, and it is made as planned."""

import hashlib
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

from opsimate.client import API, ApiClient, definition_path
from opsimate.definitions.applying import Key, complaints_of_refusal, in_order_of_references
from opsimate.definitions.file_references import NAME_ANOTHER
from opsimate.definitions.files import ADDED_BY_THE_SERVER, NOTHING_APPLIED, STDIN, FileDefinition
from opsimate.errors import OpsimateError, RefusedError
from shared.contracts.definition import Definition, Reference
from shared.kinds import KINDS

LONGEST_FILE_SET = 300
"""In characters, as the API has it."""


def file_set_of(sources: Sequence[str]) -> str:
    """What the definitions of one file or directory are marked with, unless a name is given: where it lies.

    Nothing for several, or for standard input: nobody could tell next time that they are the same.
    """
    if len(sources) != 1 or sources[0] == STDIN:
        return ""
    place = f"{socket.gethostname()}:{Path(sources[0]).resolve()}"
    if len(place) <= LONGEST_FILE_SET and place.isprintable():
        return place
    return f"{socket.gethostname()[:64]}:{hashlib.sha256(place.encode(errors='surrogateescape')).hexdigest()}"


Change = Literal["created", "changed", "unchanged", "deleted", "failed"]


@dataclass(frozen=True)
class PlannedChange:
    """What is to become of one definition, or what became of it."""

    kind: str
    name: str
    change: Change
    definition: FileDefinition | None = None
    """What stands in the files; none for what is deleted."""
    version: int | None = None
    """The one that is on the server now."""
    file_set: str = ""
    """The set of files that made it."""
    diff: str = ""
    complaints: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """What can be saved and may not do what is meant."""

    @property
    def title(self) -> str:
        """What it is called in messages."""
        return f"{self.kind} {self.name}"

    def failed(self, *complaints: str) -> "PlannedChange":
        """The same, not made."""
        return PlannedChange(self.kind, self.name, "failed", self.definition, complaints=complaints)

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "kind": self.kind,
            "name": self.name,
            "change": self.change,
            "version": self.version,
            "file_set": self.file_set,
            "diff": self.diff,
            "errors": list(self.complaints),
            "warnings": list(self.warnings),
        }


@dataclass
class Application:
    """Definitions of files on their way to the server."""

    api: ApiClient
    definitions: Sequence[FileDefinition]
    file_set: str = ""
    adopt: bool = False
    """Mark with the set of files also what is there already."""
    prune: bool = False
    """Delete what the set of files made and the files hold no longer."""
    note: str | None = None
    changes: list[PlannedChange] = field(default_factory=list)
    is_known: bool = True
    """Whether something is there that the set of files made, as far as that was asked."""

    def plan(self) -> None:
        """Ask the server what would become of all of it; one error says all that would be refused."""
        gone = self._gone() if self.prune else []
        answers = self._asked(self.definitions, gone)
        planned = [_planned(*both) for both in zip(answers, [*self.definitions, *[None] * len(gone)], strict=True)]
        place = {id(one): index for index, one in enumerate(self.definitions)}
        planned = [self._unless_by_hand(one) for one in planned]
        self.changes = sorted(planned, key=lambda one: place.get(id(one.definition), len(place)))
        if any(one.change == "failed" for one in self.changes):
            complaints = [complaint for one in self.changes for complaint in one.complaints]
            raise OpsimateError("\n".join(complaints), hint=NOTHING_APPLIED)

    @property
    def is_needed(self) -> bool:
        """Whether anything is to be changed."""
        return any(one.change != "unchanged" for one in self.changes)

    def foreign(self, one: PlannedChange) -> str:
        """The other set of files that made what stands in these files, too; empty where none did.

        Of what stays as it is that matters to a set of files only: it might take it for its own.
        """
        is_told = one.change == "changed" or (one.change == "unchanged" and self.file_set)
        return one.file_set if is_told and one.file_set != self.file_set else ""

    def adopts(self, one: PlannedChange) -> bool:
        """Whether what is there is marked with this set of files for the first time."""
        return self.adopt and one.change == "changed" and one.file_set != self.file_set

    def carry_out(self) -> Iterator[PlannedChange]:
        """Make what is planned, one after the other, as long as nobody else has changed the same; what became of each.

        It ends with the first that fails.
        """
        for one in self.changes:
            done = one if one.change == "unchanged" else self._made(one)
            yield done
            if done.change == "failed":
                return

    def _asked(self, definitions: Sequence[FileDefinition], gone: Sequence[Key]) -> list[dict[str, Any]]:
        body = {
            "definitions": [one.sent() for one in definitions],
            "remove": [{"kind": kind, "name": name} for kind, name in gone],
            "file_set": self.file_set,
            "adopt": self.adopt,
        }
        items: list[dict[str, Any]] = self.api.send("POST", f"{API}/definitions/plan", body, repeatable=True).json()[
            "items"
        ]
        return items

    def _unless_by_hand(self, one: PlannedChange) -> PlannedChange:
        """The change, refused where it would replace a secret that only has the name of one made of a file."""
        definition = one.definition
        if definition is None or not definition.of_field or one.change != "changed":
            return one
        stored = self.api.get_if_there(definition.path)
        if stored is None or stored["description"] == definition.body["description"]:
            return one
        said = f"there is a secret '{one.name}' that was not made of this provider's files, and would be replaced"
        return one.failed(definition.complaint(f"{definition.of_field}.file", f"{said}; {NAME_ANOTHER}"))

    def _gone(self) -> list[Key]:
        """What the set of files made and the files hold no longer, so that each comes before what it names."""
        held = {(one.kind, one.name) for one in self.definitions}
        found: dict[Key, dict[str, Any]] = {}
        self.is_known = False
        for word, kind in KINDS.items():
            for stored in self.api.items(f"{API}/{kind.path}"):
                key = (word, str(stored["name"]))
                if stored.get("file_set") == self.file_set:
                    self.is_known = True
                    if key not in held:
                        found[key] = stored
        keys = {key: key for key in found}
        return in_order_of_references(keys, lambda key: _references(key, found[key]))[::-1]

    def _made(self, one: PlannedChange) -> PlannedChange:
        try:
            self._send(one)
        except RefusedError as error:
            if error.status in {HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT} and self._is_done(one):
                return one
            return one.failed(*_complaints(one, error))
        return one

    def _send(self, one: PlannedChange) -> None:
        kind, tag = KINDS[one.kind], {"If-Match": f'"{one.version}"'}
        if one.definition is None:
            self.api.send("DELETE", definition_path(kind.path, one.name), query={"note": self.note}, headers=tag)
            return
        note = self.note or (f"adopted by the file set {self.file_set}" if self.adopts(one) else None)
        query = {"note": note, "file_set": self.file_set, "adopt": "true" if self.adopt else None}
        if one.change == "created":
            self.api.send("POST", f"{API}/{kind.path}", one.definition.sent(), query=query)
        else:
            self.api.send("PUT", one.definition.path, one.definition.sent(), query=query, headers=tag)

    def _is_done(self, one: PlannedChange) -> bool:
        """Whether it is as it was planned after all: an answer that was lost on its way is asked for again."""
        if one.definition is None:
            return self.api.get_if_there(definition_path(KINDS[one.kind].path, one.name)) is None
        (answer,) = self._asked([one.definition], [])
        return bool(answer["change"] == "unchanged")


def _references(key: Key, stored: Mapping[str, Any]) -> Iterable[Reference]:
    own = {name: value for name, value in stored.items() if name not in ADDED_BY_THE_SERVER}
    definition: Definition = KINDS[key[0]].kept.model_validate(own)
    return definition.references()


def _planned(answer: Mapping[str, Any], definition: FileDefinition | None) -> PlannedChange:
    gone = f"{answer['kind']} {answer['name']} is in the files no longer, and cannot be pruned"

    def told(said: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
        if definition is None:
            return tuple(f"{gone}: {one['message']}" for one in said)
        return tuple(definition.complaints((one["field"], one["message"]) for one in said))

    is_refused = answer["change"] == "refused"
    return PlannedChange(
        answer["kind"],
        answer["name"],
        "failed" if is_refused else answer["change"],
        definition,
        answer["version"],
        answer["file_set"],
        answer["diff"],
        complaints=told(answer["errors"]),
        warnings=told(answer["warnings"]),
    )


def _complaints(one: PlannedChange, error: RefusedError) -> Iterator[str]:
    place = one.definition.place() if one.definition is not None else one.title
    if error.status == HTTPStatus.PRECONDITION_FAILED:
        yield f"{place}: {one.title} was changed by somebody else while this was planned; plan anew"
    elif not error.fields or one.definition is None:
        yield f"{place}: {error.message}"
    else:
        yield from complaints_of_refusal(one.definition, error)
