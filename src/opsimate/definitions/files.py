"""Definitions as files hold them: which there are, where each stands, and what is wrong before any server sees them."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from catalog.domain.yaml_documents import NodeBudget, YamlError, documents, line_of, value_of
from opsimate.client import definition_path
from opsimate.errors import OpsimateError
from opsimate.reading import STDIN_NAME, bytes_of, bytes_of_standard_input, decoded
from shared.kinds import KINDS, MOST_DEFINITIONS

ADDED_BY_THE_SERVER = frozenset(
    {
        *("version", "uid", "created_at", "updated_at", "updated_by", "file_set", "gone", "warnings"),
        *("status", "readable", "favourite", "running", "current_run", "last_run", "usual_duration", "success_rate"),
        *("next_fire_time", "last_fire", "owner"),
    }
)
"""What an answer of the API has besides the definition; sent back with it, it means nothing."""
STDIN = "-"
SUFFIXES = frozenset({".yaml", ".yml"})
LARGEST_TEXT = 16 * 1024 * 1024
"""In bytes, of all files that are read together, as the server takes no larger plan."""
TOO_LARGE = f"at most {LARGEST_TEXT // 1024 // 1024} MiB are read of all files together; apply them in parts"
TOO_MANY = f"at most {MOST_DEFINITIONS} definitions are applied at once; apply them in parts"
NOTHING_APPLIED = "Nothing was applied."


@dataclass(frozen=True)
class FileDefinition:
    """One definition of a file."""

    kind: str
    name: str
    body: dict[str, Any]
    source: str
    """The file's name as it was given, for messages."""
    directory: Path
    """What relative names of files within are relative to."""
    node: yaml.Node
    of_field: str = ""
    """The field that names the file which this secret is made of; empty for what stands in the file itself."""

    @property
    def title(self) -> str:
        """What the definition is called in messages."""
        return f"{self.kind} {self.name}"

    @property
    def path(self) -> str:
        """Where the API has it."""
        return definition_path(KINDS[self.kind].path, self.name)

    def sent(self) -> dict[str, Any]:
        """The definition as it is sent."""
        return {name: value for name, value in self.body.items() if name not in ADDED_BY_THE_SERVER}

    def place(self, field: str = "") -> str:
        """``FILE:LINE`` of a field."""
        return f"{self.source}:{line_of(self.node, field)}"

    def complaint(self, field: str, message: str) -> str:
        """What is wrong with a field, with where it stands."""
        return f"{self.place(field)}: {field}: {message}"

    def complaints(self, said: Iterable[tuple[str, str]]) -> list[str]:
        """What is wrong with several fields, in the order of the lines."""
        return [self.complaint(*one) for one in sorted(said, key=lambda one: line_of(self.node, one[0]))]


def read_definitions(sources: Sequence[str], complaints: list[str]) -> list[FileDefinition]:
    """All definitions of files, directories and ``-``, standard input; what is wrong is added to the complaints."""
    found: list[FileDefinition] = []
    budget = NodeBudget()
    for source, directory, text in _texts(sources, complaints):
        try:
            for node in documents(
                text, source, budget
            ):  # where one is no YAML, what follows in the file cannot be read
                found += _definitions(node, source, directory, complaints)
                if len(found) > MOST_DEFINITIONS:  # nothing can come of it, and to read on would take its time
                    raise OpsimateError(f"{found[-1].place()}: {TOO_MANY}", hint=NOTHING_APPLIED)
        except YamlError as error:
            if budget.left < 0:  # nor can anything that follows be read
                raise OpsimateError(error.message, hint=NOTHING_APPLIED) from error
            complaints.append(error.message)
    complaints += _doubles(found)
    if not found and not complaints:
        complaints.append(f"No definition found in {', '.join(sources)}.")
    return found


def _definitions(node: yaml.Node, source: str, directory: Path, complaints: list[str]) -> list[FileDefinition]:
    """The definition of a document, if it is one."""
    try:
        body = value_of(node, source)
        return [] if body is None else [_definition(node, body, source, directory)]
    except YamlError as error:
        complaints.append(error.message)
        return []


def _texts(sources: Sequence[str], complaints: list[str]) -> Iterator[tuple[str, Path, str]]:
    """Each text with its name and the folder that it lies in; what cannot be read is added to the complaints."""
    left = LARGEST_TEXT
    for place in _places(sources, complaints):
        name = STDIN_NAME if place is None else str(place)
        try:
            if place is None:
                data = bytes_of_standard_input(most=left, if_larger=TOO_LARGE)
            else:
                data = bytes_of(place, most=left, if_larger=TOO_LARGE)
            text = decoded(data, name)
        except OpsimateError as error:
            complaints.append(error.message)
            continue
        left -= len(data)
        yield name, Path.cwd() if place is None else place.parent, text


def _places(sources: Sequence[str], complaints: list[str]) -> Iterator[Path | None]:
    """The files of the sources; none for standard input."""
    for source in sources:
        if source == STDIN:
            yield None
        else:
            yield from _files(Path(source), complaints)


def _files(path: Path, complaints: list[str]) -> list[Path]:
    """The files of a directory, each once. What cannot be looked into is told, not taken for empty."""
    if not path.is_dir():
        return [path]
    found: list[Path] = []
    told = len(complaints)
    entered: set[str] = set()
    unreadable = partial(_complain_of, complaints)
    for folder, folders, files in os.walk(path, onerror=unreadable, followlinks=True):
        real = os.path.realpath(folder)
        folders[:] = [] if real in entered else sorted(name for name in folders if not name.startswith("."))
        if real not in entered:
            visible = [Path(folder, name) for name in files if not name.startswith(".")]
            found += [file for file in visible if _is_there(file, complaints) and file.suffix.lower() in SUFFIXES]
        entered.add(real)
    if not found and len(complaints) == told:
        complaints.append(f"{path}: no file ending in .yaml or .yml in this directory")
    return sorted(found)


def _is_there(file: Path, complaints: list[str]) -> bool:
    """Whether a link leads to something: of one that does not, nobody can tell what it held."""
    try:
        file.stat()
    except OSError as error:
        where = f" at {file.readlink()}, where this link leads" if file.is_symlink() else ""
        complaints.append(f"{file}: {error.strerror}{where}")
        return False
    return True


def _complain_of(complaints: list[str], error: OSError) -> None:
    complaints.append(f"{error.filename}: {error.strerror}")


def _definition(node: yaml.Node, body: Any, source: str, directory: Path) -> FileDefinition:
    place = f"{source}:{line_of(node, '')}"
    if not isinstance(body, dict):
        raise YamlError(f"{place}: a definition begins with 'kind: …' and 'name: …'; this is none")
    kind, name = body.get("kind"), body.get("name")
    if kind not in KINDS:
        raise YamlError(f"{source}:{line_of(node, 'kind')}: kind: {_unknown_kind(kind)}")
    if not isinstance(name, str):
        wrong = "is required" if name is None else "has to be a text; put quotes round it"
        raise YamlError(f"{source}:{line_of(node, 'name')}: name: {wrong}")
    return FileDefinition(kind, name, body, source, directory, node)


def _unknown_kind(kind: object) -> str:
    allowed = ", ".join(KINDS)
    if kind is None:
        return f"is required, one of: {allowed}"
    near = get_close_matches(str(kind), KINDS, n=1)
    return f"there is no '{kind}'{f'; did you mean {near[0]!r}?' if near else ''} It is one of: {allowed}"


def _doubles(definitions: Sequence[FileDefinition]) -> Iterator[str]:
    first: dict[tuple[str, str], FileDefinition] = {}
    for definition in definitions:
        before = first.setdefault((definition.kind, definition.name), definition)
        if before is not definition:
            said = f"{definition.title} stands in {before.place('name')} already"
            yield f"{definition.place('name')}: {said}; delete one of the two, or give it another name"
