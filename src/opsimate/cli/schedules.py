"""What `opsimate schedules …` has besides the verbs of all kinds."""

from datetime import datetime
from typing import Any

import click

from opsimate.cli.printing import instant, output_option, show_json, show_table
from opsimate.cli.schedule_text import decision_text
from opsimate.cli.session import with_api
from opsimate.client import API, ApiClient, definition_path

MOST_TIMES = 100
NO_TIME = "It will not fire: it is not enabled, or none of its fire times are left."
NO_FIRE = "It has not fired yet. See when it will: opsimate schedules next {name}"
EXAMPLE = """
\b
Example:  opsimate schedules preview --cron "30 2 * * 1-5" --time-zone Europe/Berlin
"""

_count = click.option(
    "--count", type=click.IntRange(1, MOST_TIMES), default=10, show_default=True, help="How many, at most."
)


@click.command("next")
@click.argument("name")
@_count
@output_option
@with_api
def following(api: ApiClient, *, name: str, count: int, as_json: bool) -> None:
    """Show when schedule NAME fires next, as the scheduler will have it."""
    _show(api.get(f"{definition_path('schedules', name)}/next", count=count), as_json=as_json)


@click.command("preview", epilog=EXAMPLE)
@click.option("--daily", metavar="HH:MM", help="Every day at this time.")
@click.option("--cron", metavar="TEXT", help="Minute, hour, day of the month, month and day of the week.")
@click.option("--time-zone", metavar="ZONE", default="UTC", show_default=True, help="Such as Europe/Berlin.")
@_count
@output_option
@with_api
def preview(api: ApiClient, *, daily: str | None, cron: str | None, time_zone: str, count: int, as_json: bool) -> None:
    """Show when a schedule would fire, without making one."""
    at = {name: text for name, text in (("daily", daily), ("cron", cron)) if text is not None}
    if len(at) != 1:
        raise click.UsageError("give one of --daily and --cron")
    body = {"at": at, "time_zone": time_zone, "count": count}
    _show(api.send("POST", f"{API}/schedules/preview", body, repeatable=True).json(), as_json=as_json)


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


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(found)
        return
    from shared.time_zones import zone_of  # with the models of definitions, which few commands need

    zone = zone_of(found["time_zone"])
    rows = [(f"{datetime.fromisoformat(one).astimezone(zone):%a %Y-%m-%d %H:%M %z}",) for one in found["items"]]
    show_table(("fires at",), rows, nothing=NO_TIME)
    for note in found.get("notes", ()):
        click.echo(f"Note: {note}.", err=True)


VERBS = (following, preview, fires)
