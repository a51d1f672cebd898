"""The verbs that all definitions have: list, show, delete."""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import click

from opsimate.cli.printing import output_option, show_json, show_table
from opsimate.cli.session import with_api
from opsimate.client import API, ApiClient, definition_path
from opsimate.terminal_text import moment, one_line, readable


@dataclass(frozen=True)
class Kind:
    """A kind of definition, and how a list of them looks."""

    collection: str
    """As the API calls it: ``alert-rules``."""
    noun: str
    """One of them, as people say: ``alert rule``."""
    columns: Sequence[str]
    row: Callable[[dict[str, Any]], Sequence[object]]
    nothing: str
    """What to say where there is none yet."""


def add_verbs(group: click.Group, kind: Kind) -> None:
    """Give the group its list, show, and delete, which may be called remove."""
    add_list_and_show(group, kind)
    add_with_alias(group, _delete(kind), "delete", alias="remove")


def add_list_and_show(group: click.Group, kind: Kind) -> None:
    """Give the group its list and show."""
    group.add_command(_list(kind), "list")
    group.add_command(_show(kind), "show")


def add_with_alias(group: click.Group, command: click.Command, name: str, *, alias: str) -> None:
    """Add a command that answers to another name too, which no help lists."""
    hidden = copy(command)
    hidden.hidden = True
    group.add_command(command, name)
    group.add_command(hidden, alias)


def _list(kind: Kind) -> click.Command:
    @click.command(help=f"List all {kind.noun}s.", short_help=f"List all {kind.noun}s.")
    @output_option
    @with_api
    def command(api: ApiClient, *, as_json: bool) -> None:
        items = api.items(f"{API}/{kind.collection}")
        if as_json:
            show_json({"items": items, "next": None})
        else:
            show_table(kind.columns, [kind.row(item) for item in items], nothing=kind.nothing)

    return command


def _show(kind: Kind) -> click.Command:
    @click.command(help=f"Show one {kind.noun} as YAML, and since when it is so.")
    @click.argument("name")
    @output_option
    @with_api
    def command(api: ApiClient, *, name: str, as_json: bool) -> None:
        stored = api.get(definition_path(kind.collection, name))
        if as_json:
            show_json(stored)
            return
        show_definition(stored)

    return command


def show_definition(stored: dict[str, Any]) -> None:
    """Print what the server wrote as a comment, and the rest as YAML that can be applied again."""
    # Loading YAML and the models takes a while, and no other verb needs them.
    from opsimate.definition_text import as_written
    from opsimate.definitions.files import ADDED_BY_THE_SERVER
    from opsimate.definitions.yaml_documents import yaml_text

    written = f"# version {stored['version']}, written {moment(stored['updated_at'])} by {stored['updated_by']}"
    found = [f"# {key.replace('_', ' ')} {value}" for key, value in stored.get("status", {}).items() if value]
    definition = {key: value for key, value in stored.items() if key not in ADDED_BY_THE_SERVER}
    shown = "\n".join([*map(one_line, [written, *found]), readable(yaml_text(as_written(definition)))])
    click.echo(shown, nl=False)


def _delete(kind: Kind) -> click.Command:
    @click.command(help=f"Delete one {kind.noun}, unless something uses it.")
    @click.argument("name")
    @with_api
    def command(api: ApiClient, *, name: str) -> None:
        api.send("DELETE", definition_path(kind.collection, name))
        click.echo(f"The {kind.noun} '{name}' is deleted.")

    return command
