"""`opsimate runs invocations`: a step of a run on each of its providers."""

from typing import Any

import click

from opsimate.cli.printing import Short, output_option, show_items, show_table
from opsimate.cli.run_picture import attempt_row, moments
from opsimate.cli.session import RUN, id_of, with_api
from opsimate.client import ApiClient, run_path
from opsimate.terminal_text import one_line

STATES_OF_INVOCATIONS = ("pending", "queued", "running", "succeeded", "failed", "cancelled", "skipped", "unknown")

MOST_PROVIDERS = 5
"""On which a step failed, in a line."""


@click.command("invocations")
@click.argument("run_id", metavar="ID")
@click.argument("step", metavar="STEP")
@click.option("--state", type=click.Choice(STATES_OF_INVOCATIONS), help="In this state.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=10_000, help="The first so many.")
@output_option
@with_api
def invocations(api: ApiClient, *, run_id: str, step: str, state: str | None, limit: int, as_json: bool) -> None:
    """Show a step of a run on each of its providers."""
    run = api.get(run_path(id_of(api, RUN, run_id)))
    items = api.items(run_path(run["id"], "steps", step, "invocations"), limit=limit, state=state)
    if as_json:
        show_items(items)
    else:
        _show(items, run, _nothing(run, step, state))


def _nothing(run: dict[str, Any], name: str, state: str | None) -> str:
    """What to say where none is in this state; of a step that failed all the same, why it did, and what else failed."""
    if state is None:
        return "It has none."
    step = next(one for one in run["steps"] if one["name"] == name)
    failed = [one for one in run["steps"] if one["failed_providers"]] if step["state"] == "failed" else []
    why = f": {one_line(step['reason_text'])}" if failed and step["reason_text"] else ""
    lines = [f"On no provider is the step '{name}' {state}{why}."]
    lines += [
        f"Step '{one['name']}' failed on {', '.join(one['failed_providers'][:MOST_PROVIDERS])}: "
        f"opsimate runs invocations {run['id']} {one['name']} --state failed"
        for one in failed
    ]
    return "\n".join(lines)


def _show(items: list[dict[str, Any]], run: dict[str, Any], nothing: str) -> None:
    """Print a step on each of its providers, a row each."""
    rows: list[tuple[object, ...]] = []
    for item in items:
        if item["attempt"] is None:
            rows.append((item["provider"], item["state"], "", "", "", ""))
            continue
        _, number, _, when, took, outcome = attempt_row(item["attempt"], run)
        if item["attempt"]["reason"] not in (None, "exit_status") and item["attempt"]["reason_text"]:
            outcome = f"{outcome}: {item['attempt']['reason_text']}"
        if item["due_at"] is not None:
            outcome = Short(*(f"next attempt at {text}" for text in moments(item["due_at"], run)))
        rows.append((item["provider"], item["state"], number, when, took, outcome))
    columns = ("provider", "state", "attempt", "started", "duration", "outcome")
    show_table(columns, rows, nothing=nothing, spare=("attempt", "duration", "started"))
