"""The schema for editors: what apply takes fits it, and what it refuses for its shape does not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from catalog.api.definition_views import view_of
from catalog.domain.definition_text import exported, yaml_text
from catalog.domain.yaml_documents import documents, value_of
from opsimate.definitions.files import ADDED_BY_THE_SERVER
from opsimate.definitions.schema import definitions_schema
from shared.kinds import KINDS, Kind
from tests.unit.test_documents import DOCUMENTS, ROOT

SCHEMA = Draft202012Validator(definitions_schema())
_YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def written() -> Iterator[tuple[str, Any]]:
    """Every definition of the examples and the documents."""
    texts = [(path, path.read_text()) for path in sorted((ROOT / "examples").rglob("*.yaml"))]
    texts += [(path, text) for path in DOCUMENTS for text in _YAML.findall(path.read_text())]
    for path, text in texts:
        for node in documents(text, path.name):
            value = value_of(node, path.name)
            if isinstance(value, dict) and "kind" in value:
                yield f"{path.name}: {value['kind']} {value.get('name')}", value


def complaints(value: Any) -> list[str]:
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in SCHEMA.iter_errors(value)]


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(definitions_schema())


def test_whatever_the_documents_show_fits() -> None:
    shown = list(written())
    assert len(shown) > 10
    assert [(title, found) for title, value in shown if (found := complaints(value))] == []


@pytest.mark.parametrize(
    "value",
    [
        {"kind": "secret", "name": "k", "value": {"file": "~/.ssh/key"}},
        {"kind": "secret", "name": "k", "value": {"stored": True}},
        {
            "kind": "provider",
            "name": "web-1",
            "connection": {"ssh": {"host": "a", "user": "b", "private_key": {"file": "k"}}},
            "labels": {"rack": 12},
        },
    ],
)
def test_what_only_files_may_say_fits(value: Any) -> None:
    assert complaints(value) == []


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"kind": "acton", "name": "x"}, "kind"),
        ({"name": "x"}, ""),
        ({"kind": "action", "name": "X", "steps": [{"name": "a", "provider": "b", "command": "c"}]}, "name"),
        ({"kind": "action", "name": "x", "steps": [{"name": "a", "provider": "b", "comand": "c"}]}, "steps.0"),
        ({"kind": "secret", "name": "k", "value": {"stored": False}}, "value"),
        ({"kind": "provider", "name": "k", "connection": {"ssh": {"host": "a"}}}, "connection.ssh"),
    ],
)
def test_what_cannot_be_applied_does_not_fit_and_is_told_in_its_place(value: Any, place: str) -> None:
    assert any(one.startswith(f"{place}: ") for one in complaints(value)), complaints(value)


def test_the_file_for_editors_is_in_the_repository() -> None:
    assert Path(ROOT / "docs/definitions.schema.json").is_file()


def test_whatever_the_documents_show_is_exported_so_that_it_means_the_same() -> None:
    for title, value in written():
        if value["kind"] == "secret" or "file" in str(value):  # what only the command line reads
            continue
        model = KINDS[value["kind"]].model
        definition = model.model_validate(value)
        text = yaml_text(exported(definition.model_dump(mode="json")))
        (node,) = documents(text, title)
        again = value_of(node, title)
        assert model.model_validate(again) == definition, title
        assert complaints(again) == [], title


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.word)
def test_whatever_an_answer_adds_to_a_definition_is_left_out_of_files(kind: Kind[Any]) -> None:
    assert {*view_of(kind).model_fields} - {*kind.kept.model_fields} <= ADDED_BY_THE_SERVER
