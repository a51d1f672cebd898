"""`opsimate stats`: what became of runs, and how many there are now."""

from typing import Any

import click

from opsimate.cli.action_picture import success
from opsimate.cli.listing import instant_or_ago
from opsimate.cli.printing import output_option, show_fields, show_json, show_table
from opsimate.cli.session import why_none, with_api
from opsimate.client import API, ApiClient
from opsimate.terminal_text import length

NO_RUN_ENDED = "No run ended in this time."
NOW = {
    "running": "running",
    "queued": "queued",
    "delayed": "delayed",
    "waiting_for_approval": "waiting for approval",
    "scheduled": "scheduled",
}
"""What there is now, and how it is called."""
EXAMPLE = """
\b
Example:  opsimate stats restart-nginx --since 30d --by day
"""


def _day(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A day, or an instant, or a duration that means so long ago."""
    return value if value is None or value.count("-") > 1 else instant_or_ago(ctx, parameter, value)


@click.command("stats", epilog=EXAMPLE)
@click.argument("of_action", metavar="[ACTION]", required=False)
@click.option("--action", metavar="NAME", help="The same as ACTION.", hidden=True)
@click.option("--since", callback=_day, metavar="WHEN", help="Ended on this day or later, in UTC, or in the last 30d.")
@click.option("--until", callback=_day, metavar="WHEN", help="Ended on this day or earlier.")
@click.option("--by", type=click.Choice(["day"]), help="Each day by itself.")
@click.option("--by-day", is_flag=True, help="The same as --by day.", hidden=True)
@output_option
@with_api
def stats(
    api: ApiClient,
    *,
    of_action: str | None,
    action: str | None,
    by: str | None,
    by_day: bool,
    as_json: bool,
    **days: str | None,
) -> None:
    """Show what became of runs, of ACTION or of all: how many succeeded, how long they took; and how many run now."""
    action, by = of_action or action, "day" if by_day else by
    found = api.get(f"{API}/statistics", action=action, by=by, **days)
    if as_json:
        show_json(found)
        return
    nothing = NO_RUN_ENDED if found["runs"] else why_none(api, NO_RUN_ENDED, actions=action)
    if by == "day":
        columns = ("day", "runs", "outcomes", "success", "p50", "p95")
        rows = [(day["day"], *_row(day)) for day in found["days"] if day["runs"]]
        show_table(columns, rows, nothing=nothing, spare=("p95", "p50", "outcomes"))
        return
    names = ("runs", "outcomes", "success", "half took up to", "95 of 100 took up to")
    now = ", ".join(f"{found[what]} {called}" for what, called in NOW.items() if found.get(what))
    period = [("since", found["since"]), ("until", found["until"])]
    show_fields([*period, *zip(names, _row(found), strict=True), ("now", now)])
    if not found["runs"]:
        click.echo(nothing, err=True)


def _row(found: dict[str, Any]) -> tuple[object, ...]:
    outcomes = ", ".join(f"{number} {state}" for state, number in found["outcomes"].items())
    rate, took = found["success_rate"], found["duration"]
    return found["runs"], outcomes, success(rate), length(took["p50"]), length(took["p95"])
