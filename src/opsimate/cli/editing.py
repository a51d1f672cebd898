"""`edit` and `copy`: a definition changed in an editor, or taken as the beginning of another one."""

import os
import tempfile
from pathlib import Path
from typing import Any

import click

from opsimate.cli.definitions import belongs_to, change_with, note_option, written_again
from opsimate.cli.session import with_api
from opsimate.client import API, ApiClient, definition_path, warnings_in
from opsimate.errors import OpsimateError, RefusedError
from opsimate.terminal_text import one_line
from shared.contracts.values import LONGEST_TITLE
from shared.kinds import Kind

MANUAL = "manual"
"""The mode of an action that only runs where somebody asks for it."""


def add_editing(group: click.Group, kind: Kind[Any]) -> click.Group:
    """The group of a kind with both verbs; nobody is shown a value that is sealed, so nobody can copy or edit it."""
    if not kind.sealed:
        group.add_command(_edit(kind))
        group.add_command(_copy(kind))
    return group


def _copy(kind: Kind[Any]) -> click.Command:
    runs_by_itself = " It does not run by itself." if kind.word == "action" else ""

    @click.command(
        "copy",
        help=f"Make {kind.a_title} NEW that is as NAME is now.{runs_by_itself} A title gets NEW behind it.",
    )
    @click.argument("name")
    @click.argument("new")
    @note_option
    @with_api
    def command(api: ApiClient, *, name: str, new: str, note: str | None) -> None:
        stored = api.get(definition_path(kind.path, name))
        note = note or f"a copy of {name}, version {stored['version']}"
        body = written_again(stored) | {"name": new}
        mode = body.get("execution", {}).get("mode", MANUAL)
        if mode != MANUAL:  # two would do what one was meant to
            body["execution"] = {**body["execution"], "mode": MANUAL}
        if stored.get("title"):
            body["title"] = title_of_copy(stored["title"], name, new)
        made = api.send("POST", f"{API}/{kind.path}", body, query={"note": note}).json()
        click.echo(f"The {kind.title} '{new}' is as '{name}' is.")
        if mode != MANUAL:
            hint = f"say mode: {mode} with opsimate {kind.path} edit {new}"
            click.echo(f"It does not run by itself, as '{name}' does; if it is to, {hint}.")
        _show_warnings(made)

    return command


def title_of_copy(title: str, name: str, new: str) -> str:
    """The title with the copy's name behind it, so that people can tell it from the other one."""
    return f"{title.removesuffix(f': {name}')[: LONGEST_TITLE - len(new) - 2]}: {new}"


def _edit(kind: Kind[Any]) -> click.Command:
    @click.command("edit", help=f"Change one {kind.title} in the editor that VISUAL or EDITOR names.")
    @click.argument("name")
    @note_option
    @with_api
    def command(api: ApiClient, *, name: str, note: str | None) -> None:
        from catalog.domain.definition_text import as_written, yaml_text

        stored = api.get(definition_path(kind.path, name))
        if (owner := stored.get("owner")) is not None:
            raise OpsimateError(f"The {kind.title} '{name}' {belongs_to(owner)}", hint=change_with(owner))
        text = click.edit(yaml_text(as_written(written_again(stored))), extension=".yaml")
        if text is None:
            click.echo(f"Nothing was changed: the {kind.title} '{name}' is at version {stored['version']}.")
            return
        file = _kept(text, name)
        try:
            written = _put(api, kind, file, stored, note)
        except OpsimateError as error:
            error.hint = " ".join(filter(None, [error.hint, _way_on(file)]))
            raise
        file.unlink()
        change = "is at" if written["version"] != stored["version"] else "says the same and stays at"
        click.echo(f"The {kind.title} '{name}' {change} version {written['version']}.")
        _show_warnings(written)

    return command


def _kept(text: str, name: str) -> Path:
    """The text in a file, so that nothing of it is lost whatever becomes of it."""
    handle, path = tempfile.mkstemp(prefix=f"opsimate-{name}-", suffix=".yaml")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(path)


def _put(api: ApiClient, kind: Kind[Any], file: Path, stored: dict[str, Any], note: str | None) -> dict[str, Any]:
    """Store what the file says if nobody has changed it meanwhile."""
    from opsimate.definitions.applying import complaints_of_refusal, plan

    definitions = plan([str(file)])
    if [(one.kind, one.name) for one in definitions] != [(kind.word, stored["name"])]:
        raise OpsimateError(
            f"This is no longer the {kind.title} '{stored['name']}' alone: a name cannot be changed.",
            hint=f"Make another one with: opsimate {kind.path} copy {stored['name']} NEW",
        )
    [definition] = definitions
    same = {"If-Match": f'"{stored["version"]}"'}
    try:
        answer = api.send("PUT", definition.path, definition.body, query={"note": note}, headers=same)
    except RefusedError as error:
        raise OpsimateError("\n".join(complaints_of_refusal(definition, error))) from error
    written: dict[str, Any] = answer.json()
    return written


def _way_on(file: Path) -> str:
    return f"Your text is kept. Correct it, and store it with: opsimate apply -f {file}"


def _show_warnings(written: dict[str, Any]) -> None:
    for field, message in warnings_in(written):
        click.echo(f"Warning: {one_line(field)}: {one_line(message)}", err=True)
