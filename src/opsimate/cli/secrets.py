"""`opsimate secrets …`."""

from pathlib import Path

import click

from opsimate.cli.definitions import note_option
from opsimate.cli.session import with_api
from opsimate.client import ApiClient, definition_path, warnings_in
from opsimate.secret_files import read_secret, secret_from_stdin
from opsimate.terminal_text import one_line

EXAMPLE = """
\b
Example:  opsimate secrets set api-token --from-file token.txt
"""


@click.command("set", epilog=EXAMPLE)
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
