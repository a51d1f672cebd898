"""`opsimate secrets …` and `opsimate tokens …`."""

from pathlib import Path
from typing import Any

import click

from opsimate.cli.definitions import add_with_alias, note_option
from opsimate.cli.printing import instant, output_option, show_items, show_json, show_table
from opsimate.cli.session import with_api
from opsimate.client import API, ApiClient, definition_path, warnings_in
from opsimate.definitions.file_references import read_secret, secret_from_stdin
from opsimate.terminal_text import one_line

EXAMPLE_OF_SECRETS = """
\b
Example:  opsimate secrets set api-token --from-file token.txt
"""


@click.command("set", epilog=EXAMPLE_OF_SECRETS)
@click.argument("name")
@click.option("--from-file", type=click.Path(path_type=Path), metavar="FILE", help="Holds the value.")
@click.option("--value-stdin", is_flag=True, help="Read the value from standard input.")
@click.option("--description", default="", help="What it is for.")
@note_option
@with_api
def set_secret(
    api: ApiClient, *, name: str, from_file: Path | None, value_stdin: bool, description: str, note: str | None
) -> None:
    """Store a value under NAME, in place of the one before.

    The value comes from a file or from standard input, never from the command line, which others can see. The
    line end behind a single line is left out.
    """
    if (from_file is None) != value_stdin:
        raise click.UsageError("Give one of --from-file FILE and --value-stdin.")
    value = read_secret(from_file) if from_file is not None else secret_from_stdin(f"Value of {name}")
    secret = {"name": name, "description": description, "value": value}
    answer = api.send("PUT", definition_path("secrets", name), secret, query={"note": note}).json()
    click.echo(f"The secret '{name}' is stored.")
    for _field, message in warnings_in(answer):
        click.echo(f"Warning: it {one_line(message)}", err=True)


VERBS = (set_secret,)


@click.group()
def tokens() -> None:
    """Tokens: who may call the API."""


EXAMPLE_OF_TOKENS = """
\b
Example:  opsimate tokens create alertmanager --role alerts --description "posts to the webhook"
"""


@tokens.command("create", epilog=EXAMPLE_OF_TOKENS)
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
        click.echo(
            f"The token '{made['name']}' is made, with the role {made['role']}. It is not shown again:", err=True
        )
        click.echo(made["token"])


@tokens.command("list")
@output_option
@with_api
def list_tokens(api: ApiClient, *, as_json: bool) -> None:
    """List all tokens, by name."""
    items = api.items(f"{API}/tokens")
    if as_json:
        show_items(items)
        return
    columns = ("name", "kind", "role", "description", "created")
    rows = [(*(item[column] for column in columns[:4]), instant(item["created_at"])) for item in items]
    show_table(columns, rows, nothing="There is no token.", spare=("kind", "description", "created"))


@click.command()
@click.argument("name")
@with_api
def delete(api: ApiClient, *, name: str) -> None:
    """Delete a token: in a few seconds it opens nothing any more."""
    api.send("DELETE", definition_path("tokens", name))
    click.echo(f"The token '{name}' is deleted.")


add_with_alias(tokens, delete, "delete", alias="remove")
