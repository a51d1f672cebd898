"""`opsimate alert-rules …`."""

from typing import Any

import click

from opsimate.cli.definitions import Kind, add_verbs


@click.group()
def alert_rules() -> None:
    """Alert rules: which alerts run which actions. They are written as YAML; see `opsimate apply`."""


def _match(rule: dict[str, Any]) -> str:
    labels = [f"{name}={value}" for name, value in rule["match"]["labels"].items()]
    severity = rule["match"].get("severity")
    return " ".join([*labels, *([f"severity in {','.join(severity)}"] if severity else [])]) or "every alert"


add_verbs(
    alert_rules,
    Kind(
        collection="alert-rules",
        noun="alert rule",
        columns=("name", "enabled", "source", "match", "actions"),
        row=lambda rule: (
            rule["name"],
            "yes" if rule["enabled"] else "no",
            rule["source"] or "any",
            _match(rule),
            ", ".join(response["action"] for response in rule["responses"]),
        ),
        nothing="There is no alert rule yet. Write one as YAML and make it with: opsimate apply -f FILE",
    ),
)
