"""Fire times as the commands of schedules show them."""

from datetime import datetime
from typing import Any

import click

from opsimate.cli.printing import show_json, show_table

MOST_TIMES = 100
NO_TIME = "It will not fire: it is not enabled, or none of its fire times are left."

count_option = click.option(
    "--count", type=click.IntRange(1, MOST_TIMES), default=10, show_default=True, help="How many, at most."
)


def show_fire_times(found: dict[str, Any], *, as_json: bool) -> None:
    """Print what the API answers: the times on the clocks of the schedule's zone, and what people take otherwise."""
    if as_json:
        show_json(found)
        return
    from shared.time_zones import zone_of  # with the models of definitions, which few commands need

    zone = zone_of(found["time_zone"])
    rows = [(f"{datetime.fromisoformat(one).astimezone(zone):%a %Y-%m-%d %H:%M %z}",) for one in found["items"]]
    show_table(("fires at",), rows, nothing=NO_TIME)
    for note in found.get("notes", ()):
        click.echo(f"Note: {note}.", err=True)
