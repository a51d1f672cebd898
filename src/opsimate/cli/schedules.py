"""What `opsimate schedules …` has besides the verbs of all kinds."""

import click

from opsimate.cli.definitions import belongs_to, change_with, note_option, written_again
from opsimate.cli.fire_times import count_option, show_fire_times
from opsimate.cli.printing import instant, output_option, show_json, show_table
from opsimate.cli.schedule_preview import preview
from opsimate.cli.schedule_text import decision_text
from opsimate.cli.session import with_api
from opsimate.client import ApiClient, definition_path
from opsimate.errors import OpsimateError

NO_FIRE = "It has not fired yet. See when it will: opsimate schedules next {name}"


@click.command("next")
@click.argument("name")
@count_option
@output_option
@with_api
def following(api: ApiClient, *, name: str, count: int, as_json: bool) -> None:
    """Show when schedule NAME fires next, as the scheduler will have it."""
    show_fire_times(api.get(f"{definition_path('schedules', name)}/next", count=count), as_json=as_json)


@click.command("fires")
@click.argument("name")
@output_option
@with_api
def fires(api: ApiClient, *, name: str, as_json: bool) -> None:
    """Show what schedule NAME did lately: each fire time with its run, or why there is none."""
    found = api.get(f"{definition_path('schedules', name)}/fires")
    if as_json:
        show_json(found)
        return
    rows = [
        (instant(fire["fire_time"]), decision_text(fire), fire["run_id"] or "", fire["missed"] or "", fire["reason"])
        for fire in found["items"]
    ]
    columns = ("fire time", "", "run", "missed before", "why")
    show_table(columns, rows, nothing=NO_FIRE.format(name=name), spare=("missed before",))


@click.command("pause")
@click.argument("name")
@note_option
@with_api
def pause(api: ApiClient, *, name: str, note: str | None) -> None:
    """Have schedule NAME fire no more until it is resumed. What would have fired meanwhile is not missed."""
    _enable(api, name, note, enabled=False)


@click.command("resume")
@click.argument("name")
@note_option
@with_api
def resume(api: ApiClient, *, name: str, note: str | None) -> None:
    """Have schedule NAME fire again, from now on."""
    _enable(api, name, note, enabled=True)


def _enable(api: ApiClient, name: str, note: str | None, *, enabled: bool) -> None:
    path = definition_path("schedules", name)
    stored = api.get(path)
    if (owner := stored.get("owner")) is not None:
        raise OpsimateError(f"The schedule '{name}' {belongs_to(owner)}", hint=change_with(owner))
    state = "fires" if enabled else "is paused"
    if stored["enabled"] == enabled:
        click.echo(f"The schedule '{name}' {state} already; it stays at version {stored['version']}.")
        return
    same = {"If-Match": f'"{stored["version"]}"'}
    body = written_again(stored) | {"enabled": enabled}
    written = api.send("PUT", path, body, query={"note": note}, headers=same).json()
    again = f"See when: opsimate schedules next {name}" if enabled else f"Go on: opsimate schedules resume {name}"
    click.echo(f"The schedule '{name}' {state}{' again' * enabled}; that is version {written['version']}. {again}")


VERBS = (following, preview, fires, pause, resume)
