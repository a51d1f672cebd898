"""`opsimate approvals`, and what is decided with `opsimate runs approve` and `reject`."""

from collections.abc import Mapping
from typing import Any

import click

from opsimate.cli.listing import CommandT, newest_option
from opsimate.cli.printing import instant, output_option, show_items, show_json, show_table
from opsimate.cli.session import RUN, id_of, with_api
from opsimate.client import API, ApiClient, run_path

NOTHING = "Nothing waits for an approval."
EXAMPLE = """
\b
Example:  opsimate runs approve last --comment "checked with the database team"
"""


def _decision(command: CommandT) -> CommandT:
    """Add what every decision about a run takes."""
    for option in (
        output_option,
        click.option("--step", metavar="NAME", help="The step that you decide about, where the run waits with one."),
        click.option("--digest", metavar="DIGEST", help="Of the plan that you looked at; another one is refused."),
        click.option("--comment", default="", help="Why, for whoever reads the run's history."),
        click.argument("run_id", metavar="ID"),
    ):
        command = option(command)
    return command


@click.command("approvals")
@newest_option(50)
@output_option
@with_api
def approvals(api: ApiClient, *, limit: int, as_json: bool) -> None:
    """List what waits for an approval, and whether you may decide.

    Look at one with `opsimate runs show ID`, and decide with `opsimate runs approve ID` or `reject`.
    """
    items = api.items(f"{API}/approvals", limit=limit, state="pending")
    if as_json:
        show_items(items)
        return
    columns = ("run", "action", "step", "given", "approvers", "asked for by", "expires", "may I")
    show_table(
        columns, [approval_row(item) for item in items], nothing=NOTHING, spare=("asked for by", "approvers", "step")
    )


def approval_row(item: dict[str, Any]) -> tuple[object, ...]:
    """What waits, in one line; of what you may not decide, also why."""
    given = f"{len(item['given'])} of {item['needed']}"
    approvers, may = ", ".join(item["approvers"]), "yes" if item["may_i"] else f"no: {item['why_not']}"
    by, expires = item["requested_by"]["by"], instant(item["expires_at"])
    return (item["run_id"], item["action"]["name"], item["step"] or "", given, approvers, by, expires, may)


@click.command("approve", epilog=EXAMPLE)
@_decision
@with_api
def approve(api: ApiClient, *, run_id: str, as_json: bool, **given: str | None) -> None:
    """Approve a run, or the step that it waits with. What runs is what it was planned as."""
    run = _decided(api, run_id, "approve", given)
    if as_json:
        show_json(run)
    else:
        click.echo(f"Run {run['id']} is approved by you. {_goes_on(run['approval'])}")


def _goes_on(approval: dict[str, Any] | None) -> str:
    """What a run that somebody has approved needs besides."""
    missing = 0 if approval is None else approval["needed"] - len(approval["given"])
    if missing > 0:
        return f"It needs {missing} more."
    following = None if approval is None else approval["following"]
    return "It goes on." if following is None else f"Then it needs the approval of {', '.join(following['approvers'])}."


@click.command("reject")
@_decision
@with_api
def reject(api: ApiClient, *, run_id: str, as_json: bool, **given: str | None) -> None:
    """Have a run that waits for approval end as rejected. Cleanup steps of one that has begun still run."""
    run = _decided(api, run_id, "reject", given)
    if as_json:
        show_json(run)
    else:
        click.echo(f"Run {run['id']} is rejected. See it with: opsimate runs show {run['id']}")


def _decided(api: ApiClient, run_id: str, decision: str, given: Mapping[str, str | None]) -> dict[str, Any]:
    body = {name: value for name, value in given.items() if value is not None}
    run: dict[str, Any] = api.send("POST", run_path(id_of(api, RUN, run_id), decision), body).json()
    return run
