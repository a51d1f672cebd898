"""`opsimate apply`."""

import shlex
from collections import Counter

import click

from opsimate.cli.definitions import note_option
from opsimate.cli.printing import output_option, show_json
from opsimate.cli.session import with_api
from opsimate.client import ApiClient
from opsimate.definitions.applying import Applied, apply_all, check_references, plan
from opsimate.errors import OpsimateError
from opsimate.terminal_text import one_line

MARKS = {"created": "+", "changed": "~", "unchanged": "=", "failed": "!", "removed": "-"}

EXAMPLE = """
\b
Example:  opsimate apply -f runbooks/ -f web-1.yaml
"""


class _Apply(click.Command):
    """Says how several files are given to whoever writes them behind one option, as a shell's `*.yaml` does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        extra = super().parse_args(ctx, args)
        if extra:
            options = " ".join(f"-f {shlex.quote(argument)}" for argument in extra)
            raise click.UsageError(f"Put -f before each file, as in {options}, or name their folder: -f FOLDER", ctx)
        return extra


@click.command(cls=_Apply, epilog=EXAMPLE, context_settings={"allow_extra_args": True})
@click.option(
    "-f",
    "--file",
    "sources",
    multiple=True,
    required=True,
    metavar="FILE_OR_DIR",
    help="A YAML file, a directory of them, or - for standard input; may be given several times.",
)
@note_option
@output_option
@with_api
def apply(api: ApiClient, *, sources: tuple[str, ...], note: str | None, as_json: bool) -> None:
    """Create or change what the YAML says, and print what was done.

    All of it is read and checked before anything is changed, the commands of actions included, and so is whether what
    it names is in the files or on the server: where something is wrong nothing is applied. What only the server can
    tell, such as whether a rule's parameters are those of its action, it tells of each definition by itself, and the
    others are applied. {file: …} of a secret or a private key is read here, relative to the YAML file.
    """
    definitions = plan(sources)
    check_references(api, definitions)
    done: list[Applied] = []
    try:
        for one in apply_all(api, definitions, note):
            done.append(one)
            if not as_json:
                _show(one)
    finally:
        if as_json:
            show_json({"items": [one.as_json() for one in done]})
        reached = {id(one.definition) for one in done}
        left = [one.title for one in definitions if id(one) not in reached]
        if left:
            click.echo(f"Not applied: {', '.join(left)}", err=True)
    if any(one.change == "failed" for one in done):
        raise OpsimateError(_summary(Counter(one.change for one in done)))


def _show(applied: Applied) -> None:
    click.echo(f"{MARKS[applied.change]} {applied.definition.title} {applied.change}")
    for complaint in applied.complaints:
        click.echo(one_line(complaint), err=True)
    for warning in applied.warnings:
        click.echo(f"Warning: {one_line(warning)}", err=True)


def _summary(changes: Counter[str]) -> str:
    done = ", ".join(f"{changes[change]} {change}" for change in MARKS if changes[change])
    return f"Not everything could be applied: {done}."
