"""`opsimate tokens …`."""

from typing import Any

import click

from opsimate.cli.definitions import add_with_alias
from opsimate.cli.printing import output_option, show_json, show_table
from opsimate.cli.session import with_api
from opsimate.client import API, ApiClient, definition_path
from opsimate.terminal_text import moment


@click.group()
def tokens() -> None:
    """Tokens: who may call the API."""


EXAMPLE = """
\b
Example:  opsimate tokens create alertmanager --role alerts --description "posts to the webhook"
"""


@tokens.command("create", epilog=EXAMPLE)
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["administrator", "alerts", "metrics"]),
    default="alerts",
    show_default=True,
    help="'alerts' may only post alerts, 'metrics' only read metrics.",
)
@click.option(
    "--kind",
    type=click.Choice(["person", "service"]),
    default="service",
    show_default=True,
    help="Runs of a person's token are manual, those of a service's are by API.",
)
@click.option("--description", default="", help="Whose it is, what it is for.")
@output_option
@with_api
def create(api: ApiClient, *, as_json: bool, **definition: Any) -> None:
    """Make a token and print it, once: it cannot be shown again."""
    made = api.send("POST", f"{API}/tokens", definition).json()
    if as_json:
        show_json(made)
    else:
        click.echo(f"The token '{made['name']}' is made. It is not shown again:", err=True)
        click.echo(made["token"])


@tokens.command("list")
@output_option
@with_api
def list_tokens(api: ApiClient, *, as_json: bool) -> None:
    """List all tokens, by name."""
    items = api.items(f"{API}/tokens")
    if as_json:
        show_json({"items": items, "next": None})
        return
    rows = [
        (item["name"], item["kind"], item["role"], item["description"], moment(item["created_at"])) for item in items
    ]
    show_table(("name", "kind", "role", "description", "created"), rows, nothing="There is no token.")


@click.command()
@click.argument("name")
@with_api
def delete(api: ApiClient, *, name: str) -> None:
    """Delete a token: in a few seconds it opens nothing any more."""
    api.send("DELETE", definition_path("tokens", name))
    click.echo(f"The token '{name}' is deleted.")


add_with_alias(tokens, delete, "delete", alias="remove")
