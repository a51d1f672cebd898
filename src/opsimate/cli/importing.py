"""`opsimate import …`."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from opsimate.cli.apply import MARKS, carry_out, confirm, show_plan, show_title
from opsimate.cli.printing import definitions_text, output_option, show_items
from opsimate.cli.session import with_api
from opsimate.client import ApiClient
from opsimate.definitions.applying import prepared
from opsimate.definitions.exporting import write_files
from opsimate.definitions.files import NOTHING_APPLIED, FileDefinition
from opsimate.definitions.planning import Application, file_set_of
from opsimate.errors import OpsimateError, WrongUsageError
from opsimate.importing.machines import Defaults, Imported
from opsimate.terminal_text import one_line
from shared.contracts.values import NAME_LENGTH, is_name
from shared.kinds import KINDS, Kind

MOST_SHOWN = 20
"""Definitions that are shown by name, as they are planned and as they are made."""


@click.group("import")
def imports() -> None:
    """Make providers of what other tools know of machines: the plan is shown first."""


def _import_options(command: Any) -> Any:
    """Add what all imports take."""
    for option in (
        output_option,
        click.option("-y", "--yes", is_flag=True, help="Do not ask."),
        click.option("-v", "--verbose", is_flag=True, help="Tell of every definition, in the plan with what it says."),
        click.option("--prune", is_flag=True, help="Delete what this file made before and holds no longer."),
        click.option("--adopt", is_flag=True, help="Take over what other files made, and mark it as made by this one."),
        click.option("--skip-errors", is_flag=True, help="Leave out the machines that cannot be imported."),
        click.option(
            "-d",
            "--directory",
            type=click.Path(path_type=Path, file_okay=False),
            help="Write the definitions to files below it, to be applied later, and store nothing.",
        ),
        click.option("--pool", metavar="POOL", help="The executors that may reach them."),
        click.option(
            "--key",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="The private key for those for whom the file names none.",
        ),
        click.option("--user", metavar="NAME", help="Who logs in where the file does not say it; otherwise you."),
    ):
        command = option(command)
    return command


def _labels(_ctx: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Labels by their names, each with the variable that it is made of."""
    labels: dict[str, str] = {}
    for one in given:
        variable, _, named = one.partition("=")
        label = named or variable
        if not is_name(label):
            rule = f"has only a-z, 0-9, '.', '_' and '-', at most {NAME_LENGTH}, the first a letter or digit"
            raise click.BadParameter(f"{label!r}: a label's name {rule}; another is given as {variable}=LABEL")
        if labels.setdefault(label, variable) != variable:
            raise click.BadParameter(f"{label!r} would be made of both {labels[label]} and {variable}")
    return labels


@imports.command("ansible-inventory")
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--label",
    "labels",
    multiple=True,
    callback=_labels,
    metavar="VARIABLE[=LABEL]",
    help="A variable that becomes a label.",
)
@_import_options
@with_api
def ansible_inventory(api: ApiClient, *, file: Path, labels: dict[str, str], **given: Any) -> None:
    """Make providers of the hosts in an Ansible inventory, INI or YAML, and of its groups what they are here.

    group_vars and host_vars beside it are read. Nothing is run, and of templates only names of variables are filled in.
    """
    from opsimate.importing.ansible_machines import AnsibleImport

    _import(api, file, AnsibleImport(file, _defaults(given), labels).read(), **given)


@imports.command("ssh-config")
@click.argument("file", type=click.Path(path_type=Path), default=Path("~/.ssh/config"))
@_import_options
@with_api
def ssh_config(api: ApiClient, *, file: Path, **given: Any) -> None:
    """Make providers of the hosts in an SSH configuration, ~/.ssh/config if no FILE is named.

    Those are meant that a Host names in full. Include is read, Match is not; no program is run.
    """
    from opsimate.importing.ssh_machines import SshImport

    path = file.expanduser()
    _import(api, path, SshImport(path, _defaults(given)).read(), **given)


def _defaults(given: dict[str, Any]) -> Defaults:
    return Defaults(given.pop("user"), given.pop("key"), given.pop("pool"))


def _import(
    api: ApiClient,
    file: Path,
    found: Imported,
    *,
    directory: Path | None,
    skip_errors: bool,
    prune: bool,
    adopt: bool,
    yes: bool,
    verbose: bool,
    as_json: bool,
) -> None:
    for note in found.notes:
        click.echo(one_line(note), err=True)
    if found.complaints and not skip_errors:
        hint = f"{NOTHING_APPLIED} Mend this, or leave these machines out with --skip-errors."
        raise OpsimateError("\n".join(found.complaints), hint=hint)
    for complaint in found.complaints:
        click.echo(f"Left out: {one_line(complaint)}", err=True)
    if directory is not None:
        _write(found.definitions, directory, as_json=as_json)
        return
    application = Application(
        api, prepared(found.definitions), file_set_of([str(file)]), prune=prune, note=f"import of {file.name}"
    )
    application.plan()
    _refuse_foreign(application, adopt=adopt)
    if adopt:  # only now: a secret is planned as changed also where nothing but its file set is
        application.adopt = True
        application.plan()
    show = show_plan if verbose else _show_summary
    if application.is_needed and not yes:
        if as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
            if as_json:
                show_items([one.as_json() for one in application.changes])
            else:
                show(application)
            raise WrongUsageError(f"{NOTHING_APPLIED} Say --yes to apply it where there is no terminal to ask on.")
        confirm(application, show)
    carry_out(application, as_json=as_json, most=None if verbose else MOST_SHOWN)


def _show_summary(application: Application) -> None:
    """Print how many definitions of each kind are to become what, and the first of them by name.

    What is there already and would be another comes first.
    """
    changes = [one for one in application.changes if one.change != "unchanged"]
    counts = Counter((one.change, one.kind) for one in application.changes)
    for change in MARKS:
        told = [f"{counts[change, word]:,} {_called(kind, counts[change, word])}" for word, kind in KINDS.items()]
        if found := [text for text in told if not text.startswith("0 ")]:
            click.echo(f"{', '.join(found)}: {change}")
    for one in sorted(changes, key=lambda one: one.change == "created")[:MOST_SHOWN]:
        show_title(application, one)
        for warning in one.warnings:
            click.echo(f"Warning: {one_line(warning)}", err=True)
    more = f"and {len(changes) - MOST_SHOWN:,} more; " if len(changes) > MOST_SHOWN else ""
    if changes:
        click.echo(f"{more}--verbose shows each in full")


def _called(kind: Kind[Any], number: int) -> str:
    return kind.title if number == 1 else kind.titles


def _refuse_foreign(application: Application, *, adopt: bool) -> None:
    """What other files made is not overwritten for the sake of its name, and a secret's value never is.

    A secret is called after its key file, which may be what another one is called.
    """
    secrets = [
        f"There is a secret '{one.name}' already, with another value: {application.file_set} has not made it."
        for one in application.changes
        if one.kind == "secret" and one.change == "changed" and one.file_set != application.file_set
    ]
    foreign = [
        f"The {KINDS[one.kind].title} '{one.name}' was made by the file set {made_by}, and would be changed."
        for one in application.changes
        if one.kind != "secret" and one.change == "changed" and not adopt and (made_by := application.foreign(one))
    ]
    hints = [
        "Give the key file another name, or delete the secret if nothing uses it." if secrets else "",
        "Rename what has the same name, or take it over with --adopt." if foreign else "",
    ]
    if secrets or foreign:
        hint = " ".join([NOTHING_APPLIED, *filter(None, hints)])
        raise OpsimateError("\n".join([*secrets, *foreign]), hint=hint)


def _write(definitions: Sequence[FileDefinition], directory: Path, *, as_json: bool) -> None:
    bodies = [dict(one.body) for one in definitions]
    for body in bodies:
        if body["kind"] == "secret" and isinstance(body["value"], str):
            body["value"] = {"stored": True}
            click.echo(f"Store the value first: opsimate secrets set {body['name']} --value-stdin", err=True)
    written = write_files(bodies, directory)
    if as_json:
        show_items(bodies)
    else:
        click.echo(f"{definitions_text(len(written))} in {directory}. Apply them with: opsimate apply -f {directory}")
