"""The descriptions that programs rely on are those of the code, and read well."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from shared.contracts.message import Message
from tests.schemas import committed, messages, openapi

RENEW = "renew it with: make schemas"
NAME = re.compile(r"[A-Z][a-z]+([A-Z][a-z]+)*")
OPERATION = re.compile(r"[a-z]+(_[a-z]+)+")


@pytest.mark.parametrize("name", ["openapi.json", "messages.json"])
def test_the_committed_description_is_that_of_the_code(name: str) -> None:
    (path, text) = next((path, text) for path, text in committed().items() if path.name == name)
    assert path.is_file(), f"docs/{name} is missing: {RENEW}"
    assert path.read_text() == text, f"docs/{name} is not what the code says any more: {RENEW}"


def test_every_message_is_described() -> None:
    described = messages()
    assert set(described["messages"]) == {message.kind for message in Message.__subclasses__()}
    assert {one["body"]["$ref"].removeprefix("#/$defs/") for one in described["messages"].values()} <= set(
        described["$defs"]
    )


def test_the_names_of_the_api_read_well() -> None:
    document = openapi()
    schemas = document["components"]["schemas"]
    assert [name for name in schemas if not NAME.fullmatch(name) or name.endswith("View")] == []
    assert {"Action", "ActionPage", "Run", "RunPage", "Provider", "Secret", "AlertRule", "Token"} <= set(schemas)
    operations = [one["operationId"] for verbs in document["paths"].values() for one in verbs.values()]
    assert [name for name in operations if not OPERATION.fullmatch(name)] == []
    assert len(operations) == len(set(operations))


def test_every_reference_of_the_api_leads_somewhere() -> None:
    document = openapi()
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) == known


def references(value: Any) -> Iterator[str]:
    """Every ``$ref`` in a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)
