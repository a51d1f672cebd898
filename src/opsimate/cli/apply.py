"""`opsimate apply` and `opsimate diff`."""

import shlex
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import click

from opsimate.cli.definitions import note_option
from opsimate.cli.printing import output_option, show_diff, show_items
from opsimate.cli.session import with_api
from opsimate.client import ApiClient
from opsimate.definitions.applying import plan
from opsimate.definitions.files import NOTHING_APPLIED, STDIN
from opsimate.definitions.planning import Application, Change, PlannedChange, file_set_of
from opsimate.errors import OpsimateError, WrongUsageError
from opsimate.terminal_text import one_line

MARKS: Mapping[Change, str] = {"created": "+", "changed": "~", "unchanged": "=", "deleted": "-", "failed": "!"}
MOST_NAMED = 20
"""Of what was left to be done."""
COLOURS = {"created": "green", "changed": "yellow", "deleted": "red"}

EXAMPLE = """
\b
Example:  opsimate apply -f runbooks/ -f web-1.yaml
          opsimate apply -f runbooks/ --file-set runbooks --prune
"""


class _OfFiles(click.Command):
    """Says how several files are given to whoever writes them behind one option, as a shell's `*.yaml` does."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        extra = super().parse_args(ctx, args)
        if extra:
            options = " ".join(f"-f {shlex.quote(argument)}" for argument in extra)
            raise click.UsageError(f"Put -f before each file, as in {options}, or name their folder: -f FOLDER", ctx)
        return extra


def _files_options(command: Any) -> Any:
    """Add what says which files, and what set of files they are."""
    for option in (
        click.option("--adopt", is_flag=True, help="Mark what is there already as made by these files, too."),
        click.option(
            "--prune", is_flag=True, help="Delete what these files made before and hold no longer; nothing else."
        ),
        click.option(
            "--file-set",
            metavar="NAME",
            default="",
            help="What these files are called; otherwise it is this machine's name and the path.",
        ),
        click.option(
            "-f",
            "--file",
            "sources",
            multiple=True,
            required=True,
            metavar="FILE_OR_DIR",
            help="A YAML file, a directory of them, or - for standard input; may be given several times.",
        ),
    ):
        command = option(command)
    return command


def _application(
    api: ApiClient, sources: tuple[str, ...], file_set: str, *, prune: bool, adopt: bool, note: str | None = None
) -> Application:
    name = file_set or file_set_of(sources)
    if not name and (prune or adopt):
        raise WrongUsageError("Say with --file-set NAME which files these are: they have no one place to be known by.")
    application = Application(api, plan(sources), name, adopt=adopt, prune=prune, note=note)
    application.plan()
    if not application.is_known:
        click.echo(f"Nothing is there that the file set '{name}' made, so there is nothing to prune.", err=True)
    return application


@click.command(cls=_OfFiles, epilog=EXAMPLE, context_settings={"allow_extra_args": True})
@_files_options
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@note_option
@output_option
@with_api
def apply(
    api: ApiClient,
    *,
    sources: tuple[str, ...],
    file_set: str,
    prune: bool,
    adopt: bool,
    yes: bool,
    note: str | None,
    as_json: bool,
) -> None:
    """Create or change what the YAML says, and print what was done.

    All of it is read and checked before anything is changed, by the server, too: where something is wrong, nothing is
    applied. On a terminal the differences are shown first, and applied when that is confirmed. {file: …} of a secret or
    a private key is read here, relative to the YAML file; {stored: true} keeps the value that is stored.
    """
    application = _application(api, sources, file_set, prune=prune, adopt=adopt, note=note)
    if not yes and not as_json and STDIN not in sources:
        confirm(application)
    carry_out(application, as_json=as_json)


@click.command(cls=_OfFiles, context_settings={"allow_extra_args": True})
@_files_options
@output_option
@click.pass_context
@with_api
def diff(
    api: ApiClient,
    ctx: click.Context,
    *,
    sources: tuple[str, ...],
    file_set: str,
    prune: bool,
    adopt: bool,
    as_json: bool,
) -> None:
    """Show what `apply` would change, and change nothing.

    The exit status is 0 where nothing differs, 1 where something does, and 2 where it cannot be told or would be
    refused.
    """
    try:
        application = _application(api, sources, file_set, prune=prune, adopt=adopt)
    except OpsimateError as error:
        error.exit_status = 2
        error.hint = error.hint.removeprefix(NOTHING_APPLIED).strip()  # which goes without saying
        raise
    if as_json:
        show_items([one.as_json() for one in application.changes])
    else:
        show_plan(application)
    ctx.exit(1 if application.is_needed else 0)


def show_plan(application: Application) -> None:
    """Print what is to become of each definition that does not stay as it is."""
    changes = application.changes
    for one in changes:
        if one.change == "unchanged":
            continue
        show_title(application, one)
        if one.kind == "secret" and not one.diff:
            only_adopted = ", or nothing but its file set" if application.adopts(one) else ""
            click.echo(f"    its value, which is shown nowhere{only_adopted}")
        # The title has told of what; that all of it comes or goes needs no line to say from where to where.
        show_diff("\n".join(one.diff.splitlines()[2 if one.change == "changed" else 3 :]))
        for warning in one.warnings:
            click.echo(f"Warning: {one_line(warning)}", err=True)
    told = Counter(one.change for one in changes)
    click.echo(", ".join(f"{told[change]} {change}" for change in MARKS if told[change]) or "There is nothing.")


def show_title(application: Application, one: PlannedChange) -> None:
    """Print what is to become of which definition."""
    click.secho(f"{MARKS[one.change]} {one.title}{_whose(application, one)}", fg=COLOURS[one.change], bold=True)


def _whose(application: Application, one: PlannedChange) -> str:
    """A word on the files that made what is there, where these are others: those may delete it, and these never do."""
    foreign = one_line(application.foreign(one))
    if application.adopts(one):
        return f" (adopted from the file set {foreign})" if foreign else " (adopted)"
    return f" (made by the file set {foreign})" if foreign else ""


def confirm(application: Application, show: Callable[[Application], None] = show_plan) -> None:
    """On a terminal, show what is planned and ask whether to go on."""
    if application.is_needed and sys.stdin.isatty() and sys.stdout.isatty():
        show(application)
        click.confirm("Apply this?", abort=True)


def carry_out(application: Application, *, as_json: bool, most: int | None = None) -> None:
    """Apply what is planned, and say of each definition what became of it: of the first ``most``, and what failed."""
    done: list[PlannedChange] = []
    untold: Counter[Change] = Counter()
    try:
        for one in application.carry_out():
            done.append(one)
            if as_json:
                continue
            if most is None or len(done) <= most or one.change == "failed":
                _show(one, _whose(application, one))
            else:
                untold[one.change] += 1
    finally:
        if as_json:
            show_items([one.as_json() for one in done])
        elif untold:
            click.echo(f"and {', '.join(f'{untold[change]:,} more {change}' for change in MARKS if untold[change])}")
        if left := [one.title for one in application.changes[len(done) :] if one.change != "unchanged"]:
            more = f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
            click.echo(f"Not applied: {', '.join(left[:MOST_NAMED])}{more}", err=True)
    if done and done[-1].change == "failed":
        counts = Counter(one.change for one in done)
        told = ", ".join(f"{counts[change]} {change}" for change in MARKS if counts[change])
        raise OpsimateError(f"Not everything could be applied: {told}.")


def _show(change: PlannedChange, whose: str) -> None:
    click.echo(f"{MARKS[change.change]} {change.title} {change.change}{whose}")
    for complaint in change.complaints:
        click.echo(one_line(complaint), err=True)
    for warning in change.warnings:
        click.echo(f"Warning: {one_line(warning)}", err=True)
