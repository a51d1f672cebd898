"""`opsimate alerts …`."""

from typing import Any

import click

from opsimate.cli.listing import newest_option
from opsimate.cli.printing import instant, output_option, show_fields, show_items, show_json, show_table
from opsimate.cli.session import ALERT, id_of, with_api
from opsimate.client import API, ApiClient, definition_path
from opsimate.terminal_text import moment
from shared.contracts.alert import REFUSED
from shared.contracts.delivery import NOT_TAKEN

NO_SUCH_ALERT = "No alert matches. See all of them with: opsimate alerts list"


@click.group()
def alerts() -> None:
    """Alerts: what was reported, and what was decided about it.

    ID is the id of an alert, or its first characters, as many as tell it from others (six at least), or 'last' for the
    newest alert.
    """


@alerts.command("list")
@newest_option(20)
@click.option("--status", help="Only those in this status, such as firing or unreadable.")
@click.option("--stale", is_flag=True, help="Only firing ones that were not heard of for six hours.")
@output_option
@with_api
def list_alerts(api: ApiClient, *, limit: int, status: str | None, stale: bool, as_json: bool) -> None:
    """List alerts, newest first.

    LAST HEARD is when the last report of an alert came. One that fires and was not heard of for six hours is shown as
    stale: its end may never have been told.
    """
    filters = {"status": status, "stale": "true" if stale else None}
    items = api.items(f"{API}/alerts", limit=limit, **{name: value for name, value in filters.items() if value})
    if as_json:
        show_items(items)
        return
    columns = ("id", "received", "last heard", "status", "severity", "title", "source", "runs")
    spare = ("source", "runs", "severity", "received")
    nothing = NO_SUCH_ALERT if status or stale else ALERT.nothing
    show_table(columns, [_row(item) for item in items], nothing=nothing, spare=spare)


def _row(item: dict[str, Any]) -> tuple[object, ...]:
    alert = item["alert"]
    received, heard = [instant(item[name]) for name in ("received_at", "last_received_at")]
    title = alert["title"] or alert["labels"].get("alertname", "") or alert["description"]
    status = "stale" if item["stale"] else alert["status"]
    return (item["id"], received, heard, status, alert["severity"], title, alert["source"], _runs(item))


def _runs(item: dict[str, Any]) -> str:
    refused = sum(one["decision"] in REFUSED for one in item["decisions"])
    return f"{len(item['runs'])} ({refused} refused)" if refused else str(len(item["runs"]))


@alerts.command("deliveries")
@newest_option(20)
@click.option("--all", "accepted", is_flag=True, help="Those that were accepted, too.")
@output_option
@with_api
def list_deliveries(api: ApiClient, *, limit: int, accepted: bool, as_json: bool) -> None:
    """List posts that were not taken or not understood.

    The newest come first. With --all, those that were accepted are listed, too.
    """
    items = api.items(f"{API}/deliveries", limit=limit, **({} if accepted else {"outcome": NOT_TAKEN}))
    if as_json:
        show_items(items)
        return
    columns = ("id", "received", "source", "outcome", "status", "from", "reason", "beginning")
    rows = [
        (
            item["id"],
            instant(item["received_at"]),
            *(item[name] for name in ("source", "outcome", "status", "address")),
            item["reason"] if item["times"] == 1 else f"{item['reason']} ({item['times']} times)",
            item["beginning"],
        )
        for item in items
    ]
    nothing = "Nothing was posted." if accepted else "Every post was taken and understood."
    show_table(columns, rows, nothing=nothing, spare=("beginning", "status", "from"))


@alerts.command("replay")
@click.argument("delivery_id", metavar="DELIVERY")
@output_option
@with_api
def replay(api: ApiClient, *, delivery_id: str, as_json: bool) -> None:
    """Decide a delivery again, by the rules of now.

    Its body is read as it was received, and its sender is not verified anew.

    DELIVERY is an id that 'opsimate alerts deliveries --all' shows. An alert that has had its run gets no
    other one.
    """
    item = api.send("POST", definition_path("deliveries", delivery_id, "replay")).json()
    if as_json:
        show_json(item)
        return
    click.echo(f"The delivery {item['id']} is decided again. Its alerts: {', '.join(item['alerts']) or 'none yet'}")


@alerts.command("show")
@click.argument("alert_id", metavar="ID")
@output_option
@with_api
def show(api: ApiClient, *, alert_id: str, as_json: bool) -> None:
    """Show an alert, what each rule decided about it, and its runs."""
    item = api.get(definition_path("alerts", id_of(api, ALERT, alert_id)))
    if as_json:
        show_json(item)
        return
    alert = item["alert"]
    show_fields(
        [
            ("alert", item["id"]),
            ("title", alert["title"]),
            ("description", alert["description"]),
            ("status", f"{alert['status']}, stale" if item["stale"] else alert["status"]),
            ("severity", alert["severity"]),
            ("source", alert["source"]),
            ("labels", "\n".join(f"{name}={value}" for name, value in alert["labels"].items())),
            ("starts at", f"{moment(alert['starts_at'])}{_other_starts(item['starts'])}"),
            ("ends at", moment(alert["ends_at"]) if alert["ends_at"] else ""),
            ("received", f"{moment(item['received_at'])}, {_deliveries(item['deliveries'])}"),
            ("last heard", moment(item["last_received_at"])),
            ("late reports", _late(item)),
        ]
    )
    click.echo()
    decisions = [
        (one["rule"], one["action"], one["decision"], one["reason"], one["run_id"]) for one in item["decisions"]
    ]
    columns = ("rule", "action", "decision", "reason", "run")
    show_table(columns, decisions, nothing="No rule has decided yet.", spare=())


def _deliveries(count: int) -> str:
    return "1 delivery" if count == 1 else f"{count} deliveries"


def _other_starts(starts: list[str]) -> str:
    others = len(starts) - 1
    return f", and {others} other starts were named" if others > 0 else ""


def _late(item: dict[str, Any]) -> str:
    count = item["late_reports"]
    return f"{count}, the last {moment(item['late_report_at'])}: of a time before the end" if count else ""
