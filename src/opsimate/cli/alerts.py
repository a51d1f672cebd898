"""`opsimate alerts …`."""

from typing import Any

import click

from opsimate.cli.fitting import Abridged
from opsimate.cli.printing import output_option, show_fields, show_json, show_table
from opsimate.cli.session import with_api
from opsimate.cli.typed_ids import ALERT, id_of
from opsimate.client import API, ApiClient, definition_path
from opsimate.instants import moment, short_moment


@click.group()
def alerts() -> None:
    """Alerts: what was reported, and what was decided about it.

    ID is the id of an alert, its first characters (six at least), or 'last' for the newest alert.
    """


@alerts.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="The newest so many.")
@output_option
@with_api
def list_alerts(api: ApiClient, *, limit: int, as_json: bool) -> None:
    """List alerts, newest first."""
    items = api.items(f"{API}/alerts", limit=limit)
    if as_json:
        show_json({"items": items, "next": None})
        return
    columns = ("id", "received", "status", "severity", "title", "source", "runs")
    spare = ("source", "runs", "severity")
    show_table(columns, [_row(item) for item in items], nothing=ALERT.nothing, spare=spare)


def _row(item: dict[str, Any]) -> tuple[object, ...]:
    alert = item["alert"]
    received = Abridged(moment(item["received_at"]), short_moment(item["received_at"]))
    title = alert["title"] or alert["labels"].get("alertname", "")
    return (item["id"], received, alert["status"], alert["severity"], title, alert["source"], len(item["runs"]))


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
            ("status", alert["status"]),
            ("severity", alert["severity"]),
            ("source", alert["source"]),
            ("labels", "\n".join(f"{name}={value}" for name, value in alert["labels"].items())),
            ("starts at", moment(alert["starts_at"])),
            ("received", f"{moment(item['received_at'])}, {_deliveries(item['deliveries'])}"),
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
