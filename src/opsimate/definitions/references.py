"""What definitions name: in the files or on the server it has to be, or else nothing is applied."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from opsimate.client import API, ApiClient, definition_path
from opsimate.definitions.file_references import SUFFIX_OF_CREDENTIAL
from opsimate.definitions.files import COLLECTIONS, Definition
from opsimate.errors import OpsimateError
from shared.contracts.finding import nearest
from shared.contracts.values import is_name


class Reference(NamedTuple):
    """A definition, as another one names it."""

    kind: str
    name: str
    field: str
    """Where the name stands."""


def check_references(api: ApiClient, definitions: Sequence[Definition]) -> None:
    """Make sure that all that the definitions name is among them or on the server; one error says what is not."""
    known = _Known(api, definitions)
    complaints = [
        definition.complaint(
            reference.field,
            f"there is no {reference.kind} '{reference.name}'{nearest(reference.name, known.names(reference.kind))}",
        )
        for definition in definitions
        for reference in references_of(definition)
        if not known.has(reference)
    ]
    if complaints:
        raise OpsimateError("\n".join(complaints), hint="Nothing was applied.")


def references_of(definition: Definition) -> Iterator[Reference]:
    """What a definition of the right shape names, as far as it can be known before a run."""
    match definition.kind:
        case "provider":
            yield from _of_provider(definition.body["connection"].get("ssh") or {})
        case "action":
            yield from _of_action(definition.body)
        case "alert_rule":
            for index, response in enumerate(definition.body["responses"]):
                yield Reference("action", response["action"], f"responses.{index}.action")


def _of_provider(ssh: dict[str, Any]) -> Iterator[Reference]:
    for credential in SUFFIX_OF_CREDENTIAL:
        if ssh.get(credential) is not None:
            yield Reference("secret", ssh[credential]["secret"], f"connection.ssh.{credential}.secret")
    if ssh.get("jump") is not None:
        yield Reference("provider", ssh["jump"], "connection.ssh.jump")


def _of_action(body: dict[str, Any]) -> Iterator[Reference]:
    for index, parameter in enumerate(body.get("parameters") or []):
        default = parameter.get("default")
        if parameter.get("type") == "provider" and isinstance(default, str):
            yield Reference("provider", default, f"parameters.{index}.default")
    for index, step in enumerate(body["steps"]):
        if "{{" not in step["provider"]:  # otherwise a parameter's value, which each run gives
            yield Reference("provider", step["provider"], f"steps.{index}.provider")


class _Known:
    """What there is, in the files and on the server, which is asked once for each name."""

    def __init__(self, api: ApiClient, definitions: Sequence[Definition]) -> None:
        self._api = api
        self._found = {(one.kind, one.name): True for one in definitions}
        self._names: dict[str, list[str]] = {}

    def has(self, reference: Reference) -> bool:
        key = (reference.kind, reference.name)
        if key not in self._found:
            path = definition_path(COLLECTIONS[reference.kind], reference.name)
            self._found[key] = is_name(reference.name) and self._api.get_if_there(path) is not None
        return self._found[key]

    def names(self, kind: str) -> list[str]:
        """All names of a kind, to suggest one; they are read only where something is missing."""
        if kind not in self._names:
            in_files = [name for (of_kind, name), is_there in self._found.items() if of_kind == kind and is_there]
            stored = [str(item["name"]) for item in self._api.items(f"{API}/{COLLECTIONS[kind]}")]
            self._names[kind] = [*in_files, *stored]
        return self._names[kind]
