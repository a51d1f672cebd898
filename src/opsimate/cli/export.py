"""`opsimate export` and `opsimate schema`."""

import json
from pathlib import Path

import click

from opsimate.cli.printing import definitions_text, output_option, show_items
from opsimate.cli.session import with_api
from opsimate.client import ApiClient
from opsimate.terminal_text import one_line, readable

EXAMPLE = """
\b
Examples:  opsimate export actions restart-service > restart-service.yaml
           opsimate export -d catalog/
"""


@click.command(epilog=EXAMPLE)
@click.argument("kind", required=False)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "-d",
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write each to a file KINDS/NAME.yaml below it.",
)
@output_option
@with_api
def export(api: ApiClient, *, kind: str | None, names: tuple[str, ...], directory: Path | None, as_json: bool) -> None:
    """Write definitions as YAML that `apply` takes unchanged: those of the NAMEs, all of a KIND, or all there are.

    What a secret holds is not among it: there stands {stored: true}, which keeps the value that is stored.
    """
    from opsimate.definitions.exporting import (
        documents_text,
        exported_definitions,
        kind_called,
        stale_files,
        write_files,
    )

    chosen = None if kind is None else kind_called(kind)
    found = list(exported_definitions(api, chosen, names))
    if directory is not None:
        written = write_files(found, directory)
        for stale in [] if names else stale_files(directory, chosen, written):
            click.echo(f"Not written now: {one_line(stale)}; delete it if its definition was deleted.", err=True)
        if not as_json:
            click.echo(f"{definitions_text(len(written))} in {directory}.")
    if as_json:
        show_items(found)
    elif directory is None:
        click.echo(readable(documents_text(found)), nl=False)


@click.command()
def schema() -> None:
    """Print the JSON Schema of the YAML that `apply` takes: editors complete and check it by that."""
    from opsimate.definitions.schema import definitions_schema

    click.echo(json.dumps(definitions_schema(), indent=1, ensure_ascii=False))
