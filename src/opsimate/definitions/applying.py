"""Bringing the product to what files say: everything is read and checked first, then made in an order that works."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from opsimate.client import ApiClient, definition_path, warnings_in
from opsimate.definitions.file_references import resolved
from opsimate.definitions.files import KINDS, Definition, read_definitions
from opsimate.definitions.models import model_complaints
from opsimate.errors import OpsimateError, RefusedError

Change = Literal["created", "changed", "unchanged", "failed", "removed"]
"""``removed``: a secret that was created for a provider, which then was refused."""


@dataclass(frozen=True)
class Applied:
    """What became of one definition."""

    definition: Definition
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


def plan(sources: Sequence[str]) -> list[Definition]:
    """The definitions of the sources, ready to be sent, in order; one error says all that is wrong with them."""
    complaints: list[str] = []
    found: list[Definition] = []
    for given in read_definitions(sources, complaints):
        of_files: list[str] = []
        parts = list(resolved(given, of_files))
        # What could not be read from a file stands there as if it were empty, which is not worth a word of its own.
        complaints += of_files or [complaint for part in parts for complaint in model_complaints(part)]
        found += parts
    if complaints:
        raise OpsimateError("\n".join(complaints), hint="Nothing was applied.")
    return in_order(found)


def in_order(definitions: Sequence[Definition]) -> list[Definition]:
    """Secrets first, then providers with the ones they jump over before them, actions, alert rules."""
    providers = {one.name: one for one in definitions if one.kind == "provider"}
    ordered: dict[str, Definition] = {}

    def put(provider: Definition, above: frozenset[str]) -> None:
        jump = _jump_of(provider)
        if jump in providers and jump not in ordered and jump not in above:
            put(providers[jump], above | {jump})
        ordered[provider.name] = provider

    for provider in providers.values():
        put(provider, frozenset({provider.name}))
    others = {kind: [one for one in definitions if one.kind == kind] for kind in KINDS}
    others["provider"] = list(ordered.values())
    return [one for kind in KINDS for one in others[kind]]


def _jump_of(provider: Definition) -> str:
    ssh = provider.body["connection"].get("ssh") or {}
    return str(ssh.get("jump") or "")


def apply_all(api: ApiClient, definitions: Sequence[Definition]) -> Iterator[Applied]:
    """Create or change each definition; one that is refused does not keep back the others.

    The secrets that were created for a provider that is refused are removed again.
    """
    created: list[Definition] = []
    for definition in definitions:
        try:
            applied = _put(api, definition)
        except RefusedError as error:
            yield Applied(definition, "failed", tuple(_complaints(definition, error)))
            # What was read from {file: …} of a provider stands where the provider does.
            for secret in [one for one in created if one.node is definition.node]:
                yield _removed(api, secret)
            continue
        if applied.change == "created":
            created.append(definition)
        yield applied


def _removed(api: ApiClient, secret: Definition) -> Applied:
    try:
        api.send("DELETE", definition_path(secret.collection, secret.name))
    except RefusedError as error:
        return Applied(secret, "failed", (f"{secret.title} could not be removed again: {error.message}",))
    return Applied(secret, "removed")


def _put(api: ApiClient, definition: Definition) -> Applied:
    path = definition_path(definition.collection, definition.name)
    before = api.get_if_there(path)
    after = api.send("PUT", path, definition.body).json()
    change: Change = "created" if before is None else "changed"
    if before is not None and after["version"] == before["version"]:
        change = "unchanged"
    warnings = (definition.complaint(field, message) for field, message in warnings_in(after))
    return Applied(definition, change, warnings=tuple(warnings))


def _complaints(definition: Definition, error: RefusedError) -> Iterator[str]:
    if not error.fields:
        yield f"{definition.place()}: {error.message}"
    for field, message in error.fields:
        yield definition.complaint(field, message)
