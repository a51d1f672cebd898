"""The groups of the kinds of definitions, with the verbs that all have."""

from collections.abc import Mapping, Sequence
from copy import copy
from importlib import import_module
from typing import Any

import click

from opsimate.cli.action_picture import lately
from opsimate.cli.definition_looks import LOOKS, Look
from opsimate.cli.printing import instant, output_option, show_diff, show_items, show_json, show_table
from opsimate.cli.session import with_api
from opsimate.client import API, ApiClient, definition_path
from opsimate.terminal_text import moment, one_line, readable
from shared.contracts.presentation import natural_order
from shared.kinds import Kind


def group_of(kind: Kind[Any]) -> click.Group:
    """The group of a kind."""
    look = LOOKS.get(kind.word, Look())
    group = click.Group(kind.path, help=look.about)
    for verb in (_list, _show, _versions, _diff, _restore):
        group.add_command(verb(kind))
    own_verbs = import_module(look.verbs_in).VERBS if look.verbs_in else ()
    for verb in own_verbs:
        group.add_command(verb)
    if "remove" in group.commands:
        add_with_alias(group, group.commands["remove"], "remove", alias="delete")
    else:
        add_with_alias(group, _delete(kind), "delete", alias="remove")
    return group


def add_with_alias(group: click.Group, command: click.Command, name: str, *, alias: str) -> None:
    """Add a command that answers to another name too, which no help lists."""
    hidden = copy(command)
    hidden.hidden = True
    group.add_command(command, name)
    group.add_command(hidden, alias)


def note_option(command: Any) -> Any:
    """Add ``--note``, which is kept with the version that the command writes."""
    return click.option("--note", metavar="TEXT", help="Why, for whoever reads the versions later.")(command)


def _list(kind: Kind[Any]) -> click.Command:
    look = LOOKS.get(kind.word, Look())

    @click.command("list", help=f"List all {kind.titles}.", short_help=f"List all {kind.titles}.")
    @output_option
    @with_api
    def command(api: ApiClient, *, as_json: bool) -> None:
        items = api.items(f"{API}/{kind.path}")
        if as_json:
            show_items(items)
        else:
            nothing = f"There is no {kind.title} yet. {look.make_one}"
            rows = [look.row(item) for item in sorted(items, key=lambda item: natural_order(item["name"]))]
            show_table(look.columns, rows, nothing=nothing, spare=look.spare)

    return command


def _show(kind: Kind[Any]) -> click.Command:
    @click.command("show", help=f"Show one {kind.title} as YAML, and since when it is so.")
    @click.argument("name")
    @click.option("--version", "number", type=click.IntRange(min=1), metavar="N", help="As it was in version N.")
    @output_option
    @with_api
    def command(api: ApiClient, *, name: str, number: int | None, as_json: bool) -> None:
        below = () if number is None else ("versions", str(number))
        stored = api.get(definition_path(kind.path, name, *below))
        if as_json:
            show_json(stored)
        elif number is None:
            written = f"version {stored['version']}, written {moment(stored['updated_at'])} by {stored['updated_by']}"
            status = [_status(key, value) for key, value in stored.get("status", {}).items() if value]
            remarks = lately(stored) if kind.word == "action" else []
            if (owner := stored.get("owner")) is not None:
                remarks = [belongs_to(owner), change_with(owner)]
            show_yaml([written, *status, *remarks, *stored.get("gone", ())], stored)
        else:
            show_yaml([_told(stored)], stored["definition"])

    return command


def belongs_to(owner: Mapping[str, str]) -> str:
    """Whose own it is."""
    return f"belongs to the action '{owner['name']}', and changes and goes with it."


def change_with(owner: Mapping[str, str]) -> str:
    """How to change it."""
    return f"Change it with: opsimate actions edit {owner['name']}"


def _status(key: str, value: str) -> str:
    """What was found out about a definition, such as ``pinned at 2026-01-31 12:00:00Z``."""
    return f"{key.replace('_', ' ')} {moment(value) if key.endswith('_at') else value}"


def _told(version: dict[str, Any]) -> str:
    """A version in a sentence."""
    note = f": {version['note']}" if version["note"] else ""
    return f"version {version['version']}, {version['change']} {moment(version['at'])} by {version['by']}{note}"


def written_again(stored: dict[str, Any]) -> dict[str, Any]:
    """The definition in an answer, without what the server says of it."""
    from opsimate.definitions.files import ADDED_BY_THE_SERVER

    return {key: value for key, value in stored.items() if key not in ADDED_BY_THE_SERVER}


def show_yaml(remarks: Sequence[str], definition: dict[str, Any] | None) -> None:
    """Print remarks as comments, and the definition as YAML that can be applied again."""
    # Loading YAML and the models takes a while, and few other verbs need them.
    from catalog.domain.definition_text import exported, yaml_text

    lines = [one_line(f"# {remark}") for remark in remarks]
    if definition is not None:
        owner = definition.get("owner")
        plain = {} if owner is None else {"name": owner["name"]}  # its own name no definition can have
        written = exported(written_again(definition) | plain) | {"name": definition["name"]}
        lines.append(readable(yaml_text(written)))
    click.echo("\n".join(lines), nl=definition is None)


def _versions(kind: Kind[Any]) -> click.Command:
    @click.command("versions", help="List the versions of what has or had NAME.")
    @click.argument("name")
    @output_option
    @with_api
    def command(api: ApiClient, *, name: str, as_json: bool) -> None:
        items = api.items(definition_path(kind.path, name, "versions"))
        if as_json:
            show_items(items)
        else:
            rows = [(one["version"], one["change"], instant(one["at"]), one["by"], one["note"]) for one in items]
            show_table(("version", "change", "at", "by", "note"), rows, nothing="")

    return command


def _diff(kind: Kind[Any]) -> click.Command:
    @click.command("diff", help="Show what version B changes of version A.")
    @click.argument("name")
    @click.argument("a", type=click.IntRange(min=1))
    @click.argument("b", type=click.IntRange(min=1))
    @output_option
    @with_api
    def command(api: ApiClient, *, name: str, a: int, b: int, as_json: bool) -> None:
        found = api.get(definition_path(kind.path, name, "versions", str(b)), against=a)
        if as_json:
            show_json(found)
        else:
            show_diff(found["diff"])

    return command


def _restore(kind: Kind[Any]) -> click.Command:
    @click.command("restore", help="Store version N once more, as the newest.")
    @click.argument("name")
    @click.argument("number", metavar="N", type=click.IntRange(min=1))
    @note_option
    @with_api
    def command(api: ApiClient, *, name: str, number: int, note: str | None) -> None:
        path = definition_path(kind.path, name, "versions", str(number), "restore")
        stored = api.send("POST", path, query={"note": note}).json()
        click.echo(f"The {kind.title} '{name}' is as in version {number} again; that is version {stored['version']}.")

    return command


def _delete(kind: Kind[Any]) -> click.Command:
    @click.command("delete", help=f"Delete one {kind.title}, unless something uses it. Its versions stay.")
    @click.argument("name")
    @note_option
    @with_api
    def command(api: ApiClient, *, name: str, note: str | None) -> None:
        api.send("DELETE", definition_path(kind.path, name), query={"note": note})
        click.echo(f"The {kind.title} '{name}' is deleted.")

    return command
