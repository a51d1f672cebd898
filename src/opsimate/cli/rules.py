"""`opsimate rules …`: trying alert rules, of which the definitions are those of `opsimate alert-rules`."""

import json
from typing import Any, TextIO

import click

from opsimate.cli.printing import output_option, show_fields, show_json, show_table
from opsimate.cli.session import with_api
from opsimate.client import API, ApiClient
from opsimate.errors import WrongUsageError
from opsimate.terminal_text import moment

OF_ALERTMANAGER = frozenset(("groupKey", "groupLabels", "receiver"))
"""Fields that a message of Alertmanager has around its alerts."""


@click.group()
def rules() -> None:
    """Alert rules, tried without running anything. Their definitions: opsimate alert-rules."""


@rules.command("test")
@click.option("-f", "--file", "file", type=click.File(encoding="utf-8"), help="A body as senders post it; -: stdin.")
@click.option("--source", help="Who sends it, as in /webhooks/SOURCE; else what it looks like.")
@click.option("--delivery", help="Instead: a delivery that is kept, by its id.")
@output_option
@with_api
def test(api: ApiClient, *, file: TextIO | None, source: str | None, delivery: str | None, as_json: bool) -> None:
    """Show what the rules would say if this were posted now. Nothing is stored, and nothing is run.

    Deliveries that are kept are listed, with their ids, by: opsimate alerts deliveries --all
    """
    if (file is None) == (delivery is None):
        message = "say what to try: -f FILE, or --delivery ID"
        raise WrongUsageError(message)
    body: dict[str, Any] = {"delivery": delivery}
    if file is not None:
        payload = _payload(file)
        body = {"source": source or _source_of(payload), "payload": payload}
    trial = api.send("POST", f"{API}/alert-rules/test", body, repeatable=True).json()
    if as_json:
        show_json(trial)
    else:
        _show(trial)


def _payload(file: TextIO) -> Any:
    try:
        return json.load(file)
    except ValueError as error:
        message = f"{file.name} is not JSON: {error}"
        raise WrongUsageError(message) from error


def _source_of(payload: Any) -> str:
    return "alertmanager" if isinstance(payload, dict) and payload.keys() & OF_ALERTMANAGER else "generic"


def _show(trial: dict[str, Any]) -> None:
    for number, tried in enumerate(trial["alerts"]):
        alert = tried["alert"]
        show_fields(
            [
                ("alert", alert["title"] or alert["fingerprint"]),
                ("status", alert["status"]),
                ("severity", alert["severity"]),
                ("source", alert["source"]),
                ("labels", "\n".join(f"{name}={value}" for name, value in alert["labels"].items())),
                ("if it came now", tried["meaning"]),
            ]
        )
        click.echo()
        columns, decisions = ("rule", "action", "decision", "reason", "parameters"), trial["decisions"]
        rows = [_decision_row(one) for one in decisions if one["alert"] == number]
        show_table(columns, rows, nothing="", spare=())
        others = [(one["rule"], one["verdict"], one["reason"]) for one in tried["rules"] if one["verdict"] != "matches"]
        if others:
            click.echo()
            show_table(("rule", "says", "why"), others, nothing="", spare=())
        click.echo()
    if not trial["alerts"]:
        click.echo("There is no alert in it.")
    for warning in trial["warnings"]:
        click.echo(f"Warning: {warning}", err=True)


def _decision_row(decision: dict[str, Any]) -> tuple[object, ...]:
    given = decision["parameters"] or {}
    parameters = ", ".join(f"{name}={value}" for name, value in given.items())
    starts = f", not before {moment(decision['not_before'])}" if decision["not_before"] else ""
    return (decision["rule"], decision["action"], decision["decision"], decision["reason"], f"{parameters}{starts}")
