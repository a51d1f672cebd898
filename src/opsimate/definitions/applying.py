"""Bringing the product to what files say: everything is read and checked first, then made in an order that works."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from catalog.domain.checks import LONG_CHECKS, OWN_CHECKS
from opsimate.client import API, ApiClient, definition_path, warnings_in
from opsimate.definitions.file_references import resolved
from opsimate.definitions.files import ADDED_BY_THE_SERVER, FileDefinition, read_definitions
from opsimate.errors import OpsimateError, RefusedError
from shared.contracts.definition import Definition, Reference
from shared.contracts.problem import field_path, nearest, sentence_of
from shared.contracts.values import is_name
from shared.kinds import KINDS


def model_of(definition: FileDefinition) -> Definition:
    """The definition as the server reads it; ``ValidationError``."""
    body = {field: value for field, value in definition.body.items() if field not in ADDED_BY_THE_SERVER}
    return KINDS[definition.kind].model.model_validate(body)


def complaints_of(definition: FileDefinition) -> Iterator[str]:
    """What is wrong with a definition by itself, as far as it needs no server, each with where it stands."""
    try:
        model = model_of(definition)
    except ValidationError as error:
        for detail in error.errors(include_input=False, include_url=False):
            yield definition.complaint(field_path(detail["loc"] or ("name",)), sentence_of(detail))
    else:
        for check in (OWN_CHECKS.get(definition.kind), LONG_CHECKS.get(definition.kind)):
            for found in check(model) if check is not None else ():
                yield definition.complaint(found.field, found.message)


def check_references(api: ApiClient, definitions: Sequence[FileDefinition]) -> None:
    """Make sure that all that the definitions name is among them or on the server; one error says what is not."""
    known = _Known(api, definitions)
    complaints = [
        definition.complaint(
            reference.field,
            f"there is no {KINDS[reference.kind].title} '{reference.name}'"
            f"{nearest(reference.name, known.names(reference.kind))}",
        )
        for definition in definitions
        for reference in model_of(definition).references()
        if not known.has(reference)
    ]
    if complaints:
        raise OpsimateError("\n".join(complaints), hint="Nothing was applied.")


class _Known:
    """What there is, in the files and on the server, which is asked once for each name."""

    def __init__(self, api: ApiClient, definitions: Sequence[FileDefinition]) -> None:
        self._api = api
        self._found = {(one.kind, one.name): True for one in definitions}
        self._names: dict[str, list[str]] = {}

    def has(self, reference: Reference) -> bool:
        key = (reference.kind, reference.name)
        if key not in self._found:
            path = definition_path(KINDS[reference.kind].path, reference.name)
            self._found[key] = is_name(reference.name) and self._api.get_if_there(path) is not None
        return self._found[key]

    def names(self, kind: str) -> list[str]:
        """All names of a kind, to suggest one; they are read only where something is missing."""
        if kind not in self._names:
            in_files = [name for (of_kind, name), is_there in self._found.items() if of_kind == kind and is_there]
            stored = [str(item["name"]) for item in self._api.items(f"{API}/{KINDS[kind].path}")]
            self._names[kind] = [*in_files, *stored]
        return self._names[kind]


Change = Literal["created", "changed", "unchanged", "failed", "removed"]
"""``removed``: a secret that was created for a provider, which then was refused."""


@dataclass(frozen=True)
class Applied:
    """What became of one definition."""

    definition: FileDefinition
    change: Change
    complaints: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """What was saved and may not do what is meant."""

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "kind": self.definition.kind,
            "name": self.definition.name,
            "change": self.change,
            "errors": list(self.complaints),
            "warnings": list(self.warnings),
        }


def plan(sources: Sequence[str]) -> list[FileDefinition]:
    """The definitions of the sources, ready to be sent, in order; one error says all that is wrong with them."""
    complaints: list[str] = []
    found: list[FileDefinition] = []
    for given in read_definitions(sources, complaints):
        of_files: list[str] = []
        parts = list(resolved(given, of_files))
        # What could not be read from a file stands there as if it were empty, which is not worth a word of its own.
        complaints += of_files or [complaint for part in parts for complaint in complaints_of(part)]
        found += parts
    if complaints:
        raise OpsimateError("\n".join(complaints), hint="Nothing was applied.")
    return in_order(found)


def in_order(definitions: Sequence[FileDefinition]) -> list[FileDefinition]:
    """Kind after kind, so that each comes after what it names; of one kind, what others name before these."""
    ordered: list[FileDefinition] = []
    for kind in KINDS:
        of_kind = {one.name: one for one in definitions if one.kind == kind}
        done: set[str] = set()
        for name in of_kind:
            _put_behind_its_references(name, of_kind, done, ordered)
    return ordered


def _put_behind_its_references(
    name: str, of_kind: Mapping[str, FileDefinition], done: set[str], ordered: list[FileDefinition]
) -> None:
    if name not in of_kind or name in done:  # the latter also where they name each other in a circle
        return
    done.add(name)
    definition = of_kind[name]
    if definition.kind in KINDS[definition.kind].uses:
        for reference in model_of(definition).references():
            if reference.kind == definition.kind:
                _put_behind_its_references(reference.name, of_kind, done, ordered)
    ordered.append(definition)


def apply_all(api: ApiClient, definitions: Sequence[FileDefinition], note: str | None = None) -> Iterator[Applied]:
    """Create or change each definition; one that is refused does not keep back the others.

    The secrets that were created for a provider that is refused are removed again.
    """
    created: list[FileDefinition] = []
    for definition in definitions:
        try:
            applied = _put(api, definition, note)
        except RefusedError as error:
            yield Applied(definition, "failed", tuple(complaints_of_refusal(definition, error)))
            # What was read from {file: …} of a provider stands where the provider does.
            for secret in [one for one in created if one.node is definition.node]:
                yield _removed(api, secret)
            continue
        if applied.change == "created":
            created.append(definition)
        yield applied


def _removed(api: ApiClient, secret: FileDefinition) -> Applied:
    try:
        api.send("DELETE", secret.path)
    except RefusedError as error:
        return Applied(secret, "failed", (f"{secret.title} could not be removed again: {error.message}",))
    return Applied(secret, "removed")


def _put(api: ApiClient, definition: FileDefinition, note: str | None) -> Applied:
    before = api.get_if_there(definition.path)
    after = api.send("PUT", definition.path, definition.body, query={"note": note}).json()
    change: Change = "created" if before is None else "changed"
    if before is not None and after["version"] == before["version"]:
        change = "unchanged"
    warnings = (definition.complaint(field, message) for field, message in warnings_in(after))
    return Applied(definition, change, warnings=tuple(warnings))


def complaints_of_refusal(definition: FileDefinition, error: RefusedError) -> Iterator[str]:
    """Why the server refused a definition, each with where that stands."""
    if not error.fields:
        yield f"{definition.place()}: {error.message}"
    for field, message in error.fields:
        yield definition.complaint(field, message)
