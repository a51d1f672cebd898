"""Bringing the product to what files say: everything is read and checked first, then made in an order that works."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from opsimate.client import ApiClient, warnings_in
from opsimate.definitions.checks import complaints_of, model_of
from opsimate.definitions.file_references import resolved
from opsimate.definitions.files import FileDefinition, read_definitions
from opsimate.errors import OpsimateError, RefusedError
from shared.kinds import KINDS

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
            yield Applied(definition, "failed", tuple(_complaints(definition, error)))
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


def _complaints(definition: FileDefinition, error: RefusedError) -> Iterator[str]:
    if not error.fields:
        yield f"{definition.place()}: {error.message}"
    for field, message in error.fields:
        yield definition.complaint(field, message)
