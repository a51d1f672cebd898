"""What is committed and made from the code: ``python -m tests.schemas`` writes it anew.

``docs/openapi.json`` is the API of all services, as ``opsimate up`` serves it; ``docs/messages.json`` is what travels
over the bus; ``docs/definitions.schema.json`` is what files hold, as ``opsimate schema`` prints it; and in
``docs/architecture.md`` the diagram of a run's states is the scheduler's table.
"""

import json
import re
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from opsimate.definitions.schema import definitions_schema
from opsimate.standalone.starting import SERVICES
from scheduler.domain.states import TRANSITIONS
from shared.application import application
from shared.bus.topology import ROUTES
from shared.contracts.run import RunState
from shared.encryption import new_master_key
from shared.service import runtime_of
from shared.settings import load_settings

DOCS = Path(__file__).parents[1] / "docs"
MADE_IN: tuple[RunState, ...] = ("awaiting_approval", "delayed", "queued")
"""The states that a run can begin in."""
_DIAGRAM = re.compile(r"stateDiagram-v2\n(?:  .*\n)*  .*(?=\n```)")


def openapi() -> dict[str, Any]:
    """The API, without anything being started."""
    settings = load_settings({"OPSIMATE_MASTER_KEY": new_master_key()}, listen="127.0.0.1:0")
    runtime = runtime_of(settings)
    return application(runtime, [build(runtime) for build in SERVICES], title="OpsiMate Actions").openapi()


def messages() -> dict[str, Any]:
    """Every message: where it goes, and its body."""
    _, schemas = models_json_schema(
        [(route.message, "serialization") for route in ROUTES],
        title="The messages of OpsiMate Actions",
        description="Bodies are JSON. The property `type` of a message on RabbitMQ is its name here.",
    )
    sent = {
        route.message.kind: {
            "exchange": route.exchange,
            "routing_key": route.key,
            "body": {"$ref": f"#/$defs/{route.message.__name__}"},
        }
        for route in ROUTES
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "messages": sent, **schemas}


def state_diagram() -> str:
    """The states of a run and what leads from one to another, for Mermaid."""
    made = [f"[*] --> {state}" for state in MADE_IN]
    moves = [f"{state} --> {after}: {event}" for state, row in TRANSITIONS.items() for event, after in row.items()]
    return "\n".join(["stateDiagram-v2", *(f"  {line}" for line in [*made, *moves])])


def committed() -> dict[Path, str]:
    """The text that each file has to have."""
    made = {
        "openapi.json": openapi(),
        "messages.json": messages(),
        "definitions.schema.json": definitions_schema(),
    }
    texts = {DOCS / name: json.dumps(content, indent=1, ensure_ascii=False) + "\n" for name, content in made.items()}
    architecture = DOCS / "architecture.md"
    return texts | {architecture: _DIAGRAM.sub(lambda _: state_diagram(), architecture.read_text())}


if __name__ == "__main__":
    for path, text in committed().items():
        path.write_text(text)
        print(f"{path} is as the code has it.")
