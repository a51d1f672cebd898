"""`opsimate schedules preview`: when a schedule would fire that nobody has made yet, by options or as a file has it."""

from collections.abc import Mapping
from typing import Any

import click

from opsimate.cli.fire_times import count_option, show_fire_times
from opsimate.cli.printing import output_option
from opsimate.cli.session import with_api
from opsimate.client import API, ApiClient
from opsimate.errors import OpsimateError, RefusedError

PREVIEW = f"{API}/schedules/preview"
TIMES = ("at", "time_zone", "starts_at", "ends_at")
"""What of a schedule says when it fires."""
WAYS = ("daily", "weekly", "monthly", "cron", "once")
UTC_NAME = "UTC"
EXAMPLES = """
\b
Examples:  opsimate schedules preview --cron "30 2 * * 1-5" --time-zone Europe/Berlin
           opsimate schedules preview --weekly "mon,thu 02:30"
           opsimate schedules preview --monthly "last fri 22:00"
           opsimate schedules preview -f nightly.yaml
"""


def _weekly(_ctx: click.Context, _option: click.Parameter, text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    days, time = _day_and_time(text, "mon,thu 02:30")
    return {"days": days.lower().replace(",", " ").split(), "time": time}


def _monthly(_ctx: click.Context, _option: click.Parameter, text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    day, time = _day_and_time(text, "last fri 02:30")
    return {"day": day, "time": time}


def _day_and_time(text: str, example: str) -> tuple[str, str]:
    day, _, time = text.strip().rpartition(" ")
    if not day.strip():
        raise click.BadParameter(f'write days and a time, such as "{example}"')
    return day.strip(), time


@click.command("preview", epilog=EXAMPLES)
@click.option("--daily", metavar="HH:MM", help="Every day at this time.")
@click.option("--weekly", metavar="DAYS HH:MM", callback=_weekly, help='On these days of every week: "mon,thu 02:30".')
@click.option(
    "--monthly", metavar="DAY HH:MM", callback=_monthly, help='On this day of every month: "31", "last", "2nd tue", …'
)
@click.option("--cron", metavar="TEXT", help="Minute, hour, day of the month, month and day of the week.")
@click.option("--once", metavar="INSTANT", help="Once: 2027-01-01T00:00:00+01:00.")
@click.option("-f", "--file", metavar="FILE", help="As the one schedule of this YAML file says; - is standard input.")
@click.option("--time-zone", metavar="ZONE", help=f"Such as Europe/Berlin; {UTC_NAME} where it is left out.")
@count_option
@output_option
@with_api
def preview(
    api: ApiClient, *, file: str | None, time_zone: str | None, count: int, as_json: bool, **ways: object
) -> None:
    """Show when a schedule would fire, without making one."""
    at = {name: value for name, value in ways.items() if value is not None}
    if len(at) + (file is not None) != 1:
        options = ", ".join(f"--{name}" for name in WAYS)
        raise click.UsageError(f"give one of {options} and --file")
    if file is None:
        found = _asked(api, {"at": at, "time_zone": time_zone or UTC_NAME, "count": count})
    elif time_zone is None:
        found = _asked_for_file(api, file, count)
    else:
        raise click.UsageError("the file says its time zone itself: leave --time-zone out, or change time_zone there")
    show_fire_times(found, as_json=as_json)


def _asked(api: ApiClient, times: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = api.send("POST", PREVIEW, times, repeatable=True).json()
    return found


def _asked_for_file(api: ApiClient, file: str, count: int) -> dict[str, Any]:
    # YAML and the models of definitions, which few commands need.
    from opsimate.definitions.applying import complaints_of_refusal, plan

    schedules = [one for one in plan([file]) if one.kind == "schedule"]
    if len(schedules) != 1:
        raise OpsimateError(f"{file} has {len(schedules)} schedules; give a file with one.")
    [schedule] = schedules
    times = {name: value for name, value in schedule.body.items() if name in TIMES}
    try:
        return _asked(api, {**times, "count": count})
    except RefusedError as error:
        raise OpsimateError("\n".join(complaints_of_refusal(schedule, error))) from error
