"""What is committed and made from the code: ``python -m tests.schemas`` writes it anew.

``docs/openapi.json`` is the API of all services, as ``opsimate up`` serves it; ``docs/messages.json`` is what travels
over the bus; ``docs/definitions.schema.json`` is what files hold, as ``opsimate schema`` prints it;
``docs/templates.md`` tells of every template what it takes and what its steps do; and in
``docs/architecture.md`` the diagram of a run's states is the scheduler's table.
"""

import json
import re
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from catalog.domain.templates import GROUPS, template
from opsimate.definitions.schema import definitions_schema
from opsimate.standalone.starting import SERVICES
from scheduler.domain.states import TRANSITIONS
from shared.application import application
from shared.bus.topology import ROUTES
from shared.contracts.action import ActionDefinition, Step
from shared.contracts.parameter import Parameter
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


_ABOUT_TEMPLATES = """\
# Templates

Twelve ready-made actions to begin with. Using one copies it into a new action, which is then like any other: run it,
change it, delete it.

```
opsimate templates list
opsimate templates show service-restart                                       # as YAML, with all its steps
opsimate templates use service-restart --name restart-nginx -p service=nginx  # a copy, with a default of its own
opsimate run restart-nginx -p host=web-1 --follow
```

Over HTTP that is `GET /api/v1/templates`, `GET /api/v1/templates/{name}` and `POST /api/v1/templates/{name}/use`:
[the API](api.md#templates).

- **Where they work.** On Debian and its kin and on a BusyBox userland such as Alpine's, with `/bin/sh` alone; services
  where systemd, OpenRC or init scripts look after them. Where a tool is missing, a step says which and fails.
- **What they change.** Those that could do harm have `apply`, which is false: then they only look and say what they
  would do. What is deleted is limited to places and ages, and databases and folders that are replaced are kept beside.
  Before a database is restored, or a failover done, the command line has the name typed (`confirm`).
- **On many machines.** A template runs on one provider. In the copy let its steps name a group or labels instead:
  [many providers](definitions.md#many-providers).
- **Root's rights** are needed to restart, to clean and to install. Log in as root, or set `sudo`, which then must not
  ask for a password (`NOPASSWD`).
- **Success that is none.** Many programs exit with 0 although they failed: a service that ends at once after its
  restart, a dump that was cut off, a mirror that is dead, `mongorestore` without half of the documents. The steps look
  at what came of it, not only at exit statuses.
- **How they are tried.** Over SSH against Debian with systemd, with OpenRC and with init scripts, BusyBox, PostgreSQL
  and MariaDB. For MongoDB's tools, `apk` and `keepalived` there are stand-ins, which show what is asked of them and
  that their answers are read, and no more. Oracle's MySQL and `dnf` were not tried.

What follows is made from the templates themselves.
"""


def templates() -> str:
    """What every template takes, and what its steps do, for people."""
    lines = [_ABOUT_TEMPLATES]
    for group, names in GROUPS.items():
        lines += [f"## {group}", ""]
        for action in (template(name).action for name in names):
            lines += [
                f"### {action.title}",
                "",
                f"`{action.name}`, category {action.category}. {action.description}",
                "",
            ]
            lines += ["| Parameter | Type | Default | Meaning |", "|---|---|---|---|"]
            lines += [_parameter(parameter) for parameter in action.parameters]
            lines += ["", *(_step(number, step, action) for number, step in enumerate(action.steps, 1)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _parameter(parameter: Parameter) -> str:
    kind = " or ".join(f"`{option}`" for option in parameter.options or ()) or parameter.type
    if parameter.minimum is not None:
        kind += f", {parameter.minimum} to {parameter.maximum}"
    default = "required" if parameter.required else f"`{json.dumps(parameter.default)}`".replace('"', "")
    return f"| `{parameter.name}` | {kind} | {'none' if default == '`null`' else default} | {parameter.description} |"


def _step(number: int, step: Step, action: ActionDefinition) -> str:
    of_several = len({step.provider for step in action.steps}) > 1
    place = f", on the {(step.provider or '').strip('{} ')}" if of_several else ""
    when = {"previous_success": "", "previous_failure": ", after a failure", "always": ", in any case"}[step.when]
    return f"{number}. **{step.title}** (`{step.name}`{place}{when}). {step.description}"


def committed() -> dict[Path, str]:
    """The text that each file has to have."""
    made = {
        "openapi.json": openapi(),
        "messages.json": messages(),
        "definitions.schema.json": definitions_schema(),
    }
    texts = {DOCS / name: json.dumps(content, indent=1, ensure_ascii=False) + "\n" for name, content in made.items()}
    texts[DOCS / "templates.md"] = templates()
    architecture = DOCS / "architecture.md"
    return texts | {architecture: _DIAGRAM.sub(lambda _: state_diagram(), architecture.read_text())}


if __name__ == "__main__":
    for path, text in committed().items():
        path.write_text(text)
        print(f"{path} is as the code has it.")
