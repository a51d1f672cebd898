"""`opsimate actions …`."""

import click

from opsimate.cli.definitions import Kind, add_verbs


@click.group()
def actions() -> None:
    """Actions: what can be run, step by step. They are written as YAML; see `opsimate apply`."""


add_verbs(
    actions,
    Kind(
        collection="actions",
        noun="action",
        columns=("name", "version", "title", "category", "steps", "parameters"),
        row=lambda action: (
            action["name"],
            action["version"],
            action["title"],
            action["category"],
            len(action["steps"]),
            ", ".join(parameter["name"] for parameter in action["parameters"]),
        ),
        nothing="There is no action yet. Write one as YAML and make it with: opsimate apply -f FILE",
    ),
)
