"""The descriptions that programs rely on are those of the code, and read well."""

import re
from collections.abc import Iterator
from typing import Any

from scheduler.domain.states import TRANSITIONS
from shared.contracts.model import Message
from tests.schemas import DOCS, committed, messages, openapi, state_diagram

RENEW = "renew it with: make schemas"
NAME = re.compile(r"[A-Z][a-z]+([A-Z][a-z]+)*")
OPERATION = re.compile(r"[a-z]+(_[a-z]+|_v[0-9])+")


def test_what_is_committed_is_what_the_code_says() -> None:
    for path, text in committed().items():
        assert path.is_file(), f"docs/{path.name} is missing: {RENEW}"
        assert path.read_text() == text, f"docs/{path.name} is not what the code says any more: {RENEW}"


def test_the_diagram_in_the_documents_has_every_state_and_every_event() -> None:
    text = (DOCS / "architecture.md").read_text()
    assert f"```mermaid\n{state_diagram()}\n```" in text
    assert {word for state, row in TRANSITIONS.items() for word in (state, *row, *row.values())} <= set(
        re.findall(r"\w+", state_diagram())
    )


def test_every_message_is_described() -> None:
    described = messages()
    ours = [message for message in Message.__subclasses__() if message.__module__.startswith("shared.")]
    assert set(described["messages"]) == {message.kind for message in ours}
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
