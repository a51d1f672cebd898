"""What is wrong with definitions before anything is sent: their shape, and names of what is nowhere."""

from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from catalog.domain.checks import LONG_CHECKS, OWN_CHECKS
from opsimate.client import API, ApiClient, definition_path
from opsimate.definitions.files import ADDED_BY_THE_SERVER, FileDefinition
from opsimate.errors import OpsimateError
from shared.contracts.definition import Definition, Reference
from shared.contracts.finding import nearest, sentence_of
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
            field = ".".join(str(part) for part in detail["loc"]) or "name"
            yield definition.complaint(field, sentence_of(detail))
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
