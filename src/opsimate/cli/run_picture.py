"""A run as people read it."""

from typing import Any

import click
from rich.table import Table
from rich.text import Text

from opsimate.cli.printing import console, show_fields, styled
from opsimate.instants import length, length_between, moment
from opsimate.run_progress import UNSUCCESSFUL, progress_text, states_of
from opsimate.terminal_text import one_line

WORDS_OF_REASON = {"timeout": "the run took too long"}
"""Why a step was not run, where the reason's own word does not say it."""


def show_run(run: dict[str, Any]) -> None:
    """Print a run: what, why, when, how far, and each step with its attempts."""
    action, trigger = run["action"], run["trigger"]
    note = f": {trigger['note']}" if trigger.get("note") else ""
    show_fields(
        [
            ("run", run["id"]),
            ("action", f"{action['name']}, version {action['version']}"),
            ("title", action.get("title")),
            ("state", styled(run["state"])),
            ("reason", run["reason_text"] or run["reason"]),
            ("trigger", f"{trigger['kind']} by {trigger['by']}{note}"),
            ("parameters", _parameters(run["parameters"])),
            ("created", moment(run["created_at"])),
            ("started", moment(run["started_at"])),
            ("ended", moment(run["ended_at"])),
            ("duration", length(run["duration"])),
            ("progress", f"{progress_text(run, states_of(run))}{_percent(run)}"),
        ]
    )
    click.echo()
    _show_steps(run["steps"])
    click.echo()
    click.echo(f"Output: opsimate runs output {run['id']} [--step NAME]")


def _percent(run: dict[str, Any]) -> str:
    return "" if run["state"] in UNSUCCESSFUL else f", {run['progress']['percent']} %"


def _parameters(parameters: dict[str, Any]) -> str:
    return "\n".join(f"{name} = {_shown(value)}" for name, value in parameters.items())


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return f"the secret {value['secret']}" if "secret" in value else "(a secret)"
    if isinstance(value, bool):
        return "true" if value else "false"
    return one_line(value)


def _show_steps(steps: list[dict[str, Any]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("STEP", "STATE", "ATTEMPT", "PROVIDER", "STARTED", "DURATION", "OUTCOME"):
        table.add_column(column, no_wrap=column in {"STEP", "STATE", "STARTED"}, overflow="fold")
    for index, step in enumerate(steps):
        _add_step(table, step, _why_not_run(step, steps[:index]))
    console().print(table)


def _why_not_run(step: dict[str, Any], earlier: list[dict[str, Any]]) -> str:
    """Why a step was passed over, in words; nothing for any other."""
    if step["state"] != "skipped":
        return ""
    states = {before["state"] for before in earlier}
    if step["reason"] == "condition" and "failed" in states:
        return "not run: an earlier step failed"
    if step["reason"] == "condition" and "unknown" in states:
        return "not run: how an earlier step ended is unknown"
    reason = WORDS_OF_REASON.get(step["reason"], step["reason"] or "")
    return f"not run: {one_line(reason)}"


def _add_step(table: Table, step: dict[str, Any], not_run: str) -> None:
    attempts = step["attempts"]
    if not attempts:
        table.add_row(Text(one_line(step["name"])), styled(step["state"]), "", "", "", "", Text(not_run))
    for attempt in attempts:
        # A step's name and state stand beside its first attempt, the state of each further one beside that.
        is_only = len(attempts) == 1
        table.add_row(
            Text(one_line(step["name"]) if attempt is attempts[0] else ""),
            styled(step["state"] if is_only else attempt["state"]),
            str(attempt["number"]),
            Text(one_line(attempt["provider"])),
            moment(attempt["started_at"]),
            length_between(attempt["started_at"], attempt["ended_at"]),
            Text(_outcome(attempt)),
        )


def _outcome(attempt: dict[str, Any]) -> str:
    words = (
        [attempt["reason"].replace("_", " ")] if attempt.get("reason") not in (None, "exit_status", "signal") else []
    )
    if attempt["exit_status"] is not None:
        words.append(f"exit status {attempt['exit_status']}")
    if attempt["signal"]:
        words.append(f"signal {attempt['signal']}")
    if attempt["output_bytes"]:
        words.append(f"{attempt['output_bytes']:,} bytes of output")
    return ", ".join(words)
