"""`opsimate notifications …`, and what `opsimate channels …` has besides the verbs of all kinds."""

import click

from opsimate.cli.listing import newest_option
from opsimate.cli.printing import instant, output_option, show_fields, show_items, show_json, show_table
from opsimate.cli.session import NOTIFICATION, id_of, with_api
from opsimate.client import API, ApiClient, definition_path
from opsimate.terminal_text import moment, readable

STATES = ("pending", "delivered", "failed")
NO_SUCH_NOTIFICATION = "No notification matches. See all of them with: opsimate notifications list"


@click.group()
def notifications() -> None:
    """Notifications: what channels were told of runs, and how that went.

    ID is the id of a notification, or its first characters, as many as tell it from others (six at least), or 'last'
    for the newest one.
    """


@notifications.command("list")
@newest_option(20)
@click.option("--channel", metavar="NAME", help="Only those of this channel.")
@click.option("--run", "run", metavar="ID", help="Only what was told of the run with this whole id.")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@output_option
@with_api
def list_notifications(
    api: ApiClient, *, limit: int, channel: str | None, run: str | None, state: str | None, as_json: bool
) -> None:
    """List notifications, newest first."""
    filters = {"channel": channel, "run": run, "state": state}
    given = {name: value for name, value in filters.items() if value}
    items = api.items(f"{API}/notifications", limit=limit, **given)
    if as_json:
        show_items(items)
        return
    columns = ("id", "made", "channel", "title", "state", "attempts", "next attempt", "why")
    rows = [
        (
            item["id"],
            instant(item["created_at"]),
            *(item[name] for name in ("channel", "title", "state", "attempts")),
            instant(item["next_attempt_at"]),
            item["reason_text"] or "",
        )
        for item in items
    ]
    nothing = NO_SUCH_NOTIFICATION if given else NOTIFICATION.nothing
    show_table(columns, rows, nothing=nothing, spare=("next attempt", "attempts", "made"))


@notifications.command("show")
@click.argument("notification_id", metavar="ID")
@output_option
@with_api
def show(api: ApiClient, *, notification_id: str, as_json: bool) -> None:
    """Show a notification, and what came of every attempt to deliver it."""
    item = api.get(definition_path("notifications", id_of(api, NOTIFICATION, notification_id)))
    if as_json:
        show_json(item)
        return
    show_fields(
        [
            ("notification", item["id"]),
            ("channel", item["channel"]),
            ("state", item["state"]),
            ("run", item["run_id"]),
            ("made", moment(item["created_at"])),
            ("next attempt", moment(item["next_attempt_at"]) if item["next_attempt_at"] else ""),
            ("ended", moment(item["ended_at"]) if item["ended_at"] else ""),
            ("title", item["title"]),
            ("text", item["text"]),
        ]
    )
    click.echo()
    rows = [
        (one["number"], instant(one["at"]), "delivered" if one["ok"] else one["reason"], one["message"])
        for one in item["log"]
    ]
    show_table(("attempt", "at", "", "what came of it"), rows, nothing="It was not tried yet.", spare=())


@notifications.command("retry")
@click.argument("notification_id", metavar="[ID]", required=False)
@click.option("--all-of", "channel", metavar="CHANNEL", help="All that were given up of this channel.")
@output_option
@with_api
def retry(api: ApiClient, *, notification_id: str | None, channel: str | None, as_json: bool) -> None:
    """Try a notification again now, and for a day from now on.

    It keeps its id, by which a receiver can tell that it has had it.
    """
    if (notification_id is None) == (channel is None):
        raise click.UsageError("give the ID of one, or --all-of CHANNEL")
    if channel is not None:
        failed = api.items(f"{API}/notifications", channel=channel, state="failed")
        ids = [item["id"] for item in failed if item["reason"] != "overtaken"]
    else:
        ids = [id_of(api, NOTIFICATION, notification_id or "")]
    items = [api.send("POST", definition_path("notifications", one, "retry")).json() for one in ids]
    if as_json:
        show_items(items)
        return
    for item in items:
        click.echo(f"It is tried again. See what came of it with: opsimate notifications show {item['id']}")
    if not items:
        click.echo(readable(f"Nothing was given up of the channel '{channel}'."))


@click.command("test")
@click.argument("name")
@output_option
@click.pass_context
@with_api
def test(api: ApiClient, ctx: click.Context, *, name: str, as_json: bool) -> None:
    """Send a test to channel NAME now, and say how it went.

    The exit status is 1 if it was not taken.
    """
    report = api.send("POST", definition_path("channels", name, "test")).json()
    if as_json:
        show_json(report)
    elif report["ok"]:
        click.echo(readable(f"{name}: {report['message']}"))
    else:
        click.echo(readable(f"{name}: not delivered ({report['reason']}). {report['message']}"), err=True)
    ctx.exit(0 if report["ok"] else 1)


VERBS = (test,)
