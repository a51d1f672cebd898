"""`opsimate runs invocations`: a step of a run on each of its providers."""

from typing import Any

import click

from opsimate.cli.printing import Short, output_option, show_json, show_table
from opsimate.cli.run_picture import attempt_row, moments
from opsimate.cli.session import RUN, id_of, with_api
from opsimate.client import ApiClient, run_path

STATES_OF_INVOCATIONS = ("pending", "queued", "running", "succeeded", "failed", "cancelled", "skipped", "unknown")


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
        show_json({"items": items, "next": None})
    else:
        _show(items, run, f"On no provider is the step '{step}' {state}." if state else "It has none.")


def _show(items: list[dict[str, Any]], run: dict[str, Any], nothing: str) -> None:
    """Print a step on each of its providers, a row each."""
    rows: list[tuple[object, ...]] = []
    for item in items:
        if item["attempt"] is None:
            rows.append((item["provider"], item["state"], "", "", "", ""))
            continue
        _, number, _, when, took, outcome = attempt_row(item["attempt"], run)
        if item["due_at"] is not None:
            outcome = Short(*(f"next attempt at {text}" for text in moments(item["due_at"], run)))
        rows.append((item["provider"], item["state"], number, when, took, outcome))
    columns = ("provider", "state", "attempt", "started", "duration", "outcome")
    show_table(columns, rows, nothing=nothing, spare=("attempt", "duration", "started"))
