"""Definitions of the server as files that ``apply`` takes unchanged."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from catalog.domain.definition_text import exported, yaml_text
from opsimate.client import API, ApiClient, definition_path
from opsimate.definitions.files import ADDED_BY_THE_SERVER, SUFFIXES
from opsimate.errors import OpsimateError, WrongUsageError
from shared.kinds import KINDS, Kind


def kind_called(word: str) -> Kind[Any]:
    """The kind of a word such as ``action``, ``actions``, ``alert-rules``."""
    names = {name: kind for kind in KINDS.values() for name in (kind.word, kind.path)}
    found = names.get(word) or names.get(word.replace("-", "_")) or names.get(word.replace("_", "-"))
    if found is None:
        near = get_close_matches(word, names, n=1)
        meant = f"; did you mean '{near[0]}'?" if near else ""
        raise WrongUsageError(f"There is no kind '{word}'{meant} It is one of: {', '.join(names)}")
    return found


def exported_definitions(api: ApiClient, kind: Kind[Any] | None, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Those of these names, all of the kind, or all; kind after kind, in the order of their names.

    What an action owns is in the action, and is none by itself.
    """
    if kind is not None and names:
        stored = [api.get(definition_path(kind.path, name)) for name in names]
        for one in stored:
            if (owner := one.get("owner")) is not None:
                raise OpsimateError(
                    f"The {kind.title} '{one['name']}' belongs to the action '{owner['name']}', and is in that one.",
                    hint=f"Export that one: opsimate export action {owner['name']}",
                )
        yield from map(_own, stored)
        return
    for of_kind in KINDS.values() if kind is None else [kind]:
        yield from (_own(one) for one in api.items(f"{API}/{of_kind.path}") if one.get("owner") is None)


def _own(stored: Mapping[str, Any]) -> dict[str, Any]:
    return exported({key: value for key, value in stored.items() if key not in ADDED_BY_THE_SERVER})


def documents_text(definitions: Sequence[Mapping[str, Any]]) -> str:
    """All of them as the documents of one file."""
    return "---\n".join(yaml_text(one) for one in definitions)


def write_files(definitions: Sequence[Mapping[str, Any]], directory: Path) -> list[Path]:
    """Write each to a file of its own, ``KINDS/NAME.yaml``, over one that is there; where they are."""
    written: list[Path] = []
    for one in definitions:
        path = directory / KINDS[one["kind"]].path / f"{one['name']}.yaml"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(yaml_text(one), encoding="utf-8")
        except OSError as error:
            raise OpsimateError(f"{error.filename or path}: {error.strerror}") from error
        written.append(path)
    return written


def stale_files(directory: Path, kind: Kind[Any] | None, written: Sequence[Path]) -> list[Path]:
    """Those beside what was written of a whole kind, or of all kinds: what they hold is not on the server."""
    folders = [directory / one.path for one in (KINDS.values() if kind is None else [kind])]
    there = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    return sorted({path for path in there if path.suffix in SUFFIXES and path.name[0] != "."} - {*written})
