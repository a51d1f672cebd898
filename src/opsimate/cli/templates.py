"""`opsimate templates …`."""

from typing import Any

import click

from opsimate.cli.definitions import note_option, show_yaml
from opsimate.cli.parameters import pairs
from opsimate.cli.printing import output_option, show_items, show_json, show_table
from opsimate.cli.session import with_api
from opsimate.client import API, ApiClient, definition_path

NOTHING = "This server has no templates."


@click.group()
def templates() -> None:
    """Templates: ready-made actions to copy from."""


@templates.command("list")
@output_option
@with_api
def list_templates(api: ApiClient, *, as_json: bool) -> None:
    """List all templates, group by group. What one does, `opsimate templates show` tells."""
    items = api.items(f"{API}/templates")
    if as_json:
        show_items(items)
        return
    rows = [(item["name"], item["group"], item["category"], item["title"]) for item in items]
    show_table(("name", "group", "category", "title"), rows, nothing=NOTHING, spare=("category", "group"))


@templates.command("show")
@click.argument("name")
@output_option
@with_api
def show(api: ApiClient, *, name: str, as_json: bool) -> None:
    """Show a template as YAML: its parameters, and what each step does."""
    found = api.get(definition_path("templates", name))
    if as_json:
        show_json(found)
        return
    group = found.pop("group")
    show_yaml([f"{found['title']}, of the group {group}"], {"kind": "action", **found})


@templates.command("use")
@click.argument("template")
@click.option("--name", metavar="NAME", help="The new action's name; that of the template where it is not given.")
@click.option("--title", metavar="TEXT", help="Its title.")
@click.option(
    "-p",
    "--parameter",
    "defaults",
    multiple=True,
    callback=pairs,
    metavar="NAME=VALUE",
    help="A new default of a parameter; may be given often.",
)
@note_option
@output_option
@with_api
def use(
    api: ApiClient,
    *,
    template: str,
    name: str | None,
    title: str | None,
    defaults: dict[str, str],
    note: str | None,
    as_json: bool,
) -> None:
    """Make an action of a template, which is then like any other.

    Example:  opsimate templates use service-restart --name restart-nginx -p service=nginx
    """
    body: dict[str, Any] = {"name": name or template, "parameters": defaults}
    if title is not None:
        body["title"] = title
    action = api.send("POST", definition_path("templates", template, "use"), body, query={"note": note}).json()
    if as_json:
        show_json(action)
        return
    click.echo(f"The action '{action['name']}' is made of the template '{template}'.")
    click.echo(f"Show it with: opsimate actions show {action['name']}")
