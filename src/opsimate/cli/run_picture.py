"""A run as people read it."""

from collections.abc import Iterator
from typing import Any

import click

from opsimate.cli.printing import Short, show_fields, show_table, styled
from opsimate.following.run_events import UNSUCCESSFUL, counts_text, progress_text, state_text, states_of
from opsimate.terminal_text import length, length_between, moment, moment_from_now, one_line, short_moment

WORDS_OF_REASON = {"timeout": "the run took too long"}
"""Why a step was not run, where the reason's own word does not say it."""

STEP_COLUMNS = ("step", "state", "attempt", "provider", "started", "duration", "outcome")
SPARE_STEP_COLUMNS = ("attempt", "duration", "started")


def show_run(run: dict[str, Any], *, why_not: str | None = None) -> None:
    """Print a run: what, why, when, how far, and each step with its attempts.

    ``why_not`` is why the reader may not decide about it, where it waits for an approval.
    """
    action, trigger = run["action"], run["trigger"]
    note = f": {trigger['note']}" if trigger.get("note") else ""
    note = f", for {moment(trigger['fire_time'])}" if trigger.get("fire_time") else note
    show_fields(
        [
            ("run", run["id"]),
            ("action", f"{action['name']}, version {action['version']}"),
            ("title", action.get("title")),
            ("state", styled(state_text(run))),
            ("reason", run["reason_text"] or run["reason"]),
            ("waiting", _waiting(run)),
            ("approval", _approval(run, why_not)),
            ("output", f"deleted at {moment(run['output_deleted_at'])}" if run.get("output_deleted_at") else ""),
            ("again", run.get("rerun_of") and f"does {run['rerun_of']} again"),
            ("trigger", f"{trigger['kind']} by {trigger['by']}{note}"),
            ("parameters", _parameters(run["parameters"])),
            ("created", moment(run["created_at"])),
            ("started", moment(run["started_at"])),
            ("ended", moment(run["ended_at"])),
            ("duration", length(run["duration"])),
            ("usually", _usually(run)),
            ("progress", f"{progress_text(run, states_of(run))}{_percent(run)}"),
        ]
    )
    click.echo()
    show_table(STEP_COLUMNS, list(_step_rows(run)), nothing="The run has no step.", spare=SPARE_STEP_COLUMNS)
    for step in run["steps"]:
        if step.get("invocations") and not step["attempts"] and step["state"] != "skipped":
            click.echo()
            _show_providers(run, step)
    click.echo()
    click.echo(f"Output: opsimate runs output {run['id']} [--step NAME]")


def _usually(run: dict[str, Any]) -> str:
    """How long runs of its action take, whatever their parameters, and what of that is left, while it is under way."""
    usual, left = run.get("estimated_duration"), run.get("remaining")
    if usual is None:
        return ""
    return f"its action takes {length(usual)}" + ("" if left is None else f", {length(left)} are left")


def _show_providers(run: dict[str, Any], step: dict[str, Any]) -> None:
    """What there is to be said of a step on many providers besides its row, and where each of them is shown."""
    failed, failures = step["failed_providers"], _failures(step)
    if step["reason_text"]:
        click.echo(f"{step['name']}: {one_line(step['reason_text'])}")
    if failed:
        more = f", and {failures - len(failed):,} more" if failures > len(failed) else ""
        click.echo(f"{step['name']} failed on: {', '.join(failed)}{more}")
    which = " --state failed" if failed else ""
    click.echo(f"Each provider: opsimate runs invocations {run['id']} {step['name']}{which}")


def _failures(step: dict[str, Any]) -> int:
    return int(step["invocations"].get("failed", 0) + step["invocations"].get("unknown", 0))


def _waiting(run: dict[str, Any]) -> str:
    """What keeps the run from going on, or will once what it runs now has ended, each in a line."""
    found, paused = run.get("waiting_for"), run.get("paused")
    lines = []
    if found:
        until = found.get("until")
        why = f"{found['why']}, until {until}" if found["gate"] == "approval" else found["why"]
        lines.append(why.replace(until, moment_from_now(until)) if until else why)
    if paused and (found is None or found["gate"] != "pause"):
        comment = f": {paused['comment']}" if paused["comment"] else ""
        lines.append(f"paused by {paused['by']}{comment}{'' if found else ', once what it runs now has ended'}")
    return "\n".join(lines)


def _approval(run: dict[str, Any], why_not: str | None) -> str:
    """Who has approved so far, each in a line, and how to, or why one may not."""
    found = run.get("approval")
    if not found:
        return ""
    lines = [approved_text(one) for one in found["given"]]
    how = f"decide with: opsimate runs approve {run['id']}, or reject"
    return "\n".join([*lines, how if why_not is None else f"you may not decide: {one_line(why_not)}"])


def approved_text(given: dict[str, Any]) -> str:
    """``approved by ann at 2026-01-31 12:00:00Z: checked``."""
    comment = f": {one_line(given['comment'])}" if given["comment"] else ""
    return f"approved by {one_line(given['by'])} at {moment(given['at'])}{comment}"


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


def _why_not_run(step: dict[str, Any], earlier: list[dict[str, Any]]) -> str:
    """Why a step was passed over, in words; nothing for any other."""
    if step.get("reason_text"):
        return f"not run: {one_line(step['reason_text'])}"
    if step["state"] != "skipped":
        return ""
    states = {before["state"] for before in earlier}
    if step["reason"] == "condition" and "failed" in states:
        return "not run: an earlier step failed"
    if step["reason"] == "condition" and "unknown" in states:
        return "not run: how an earlier step ended is unknown"
    reason = WORDS_OF_REASON.get(step["reason"], step["reason"] or "")
    return f"not run: {one_line(reason)}"


def _step_rows(run: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    """A row for each attempt, also for one that is still to come, or else one for the step."""
    for index, step in enumerate(run["steps"]):
        rows = [attempt_row(attempt, run) for attempt in step["attempts"]]
        if step["due_at"] is not None:
            due = Short(*(f"next attempt at {text}" for text in moments(step["due_at"], run)))
            rows.append((step["state"], len(rows) + 1, "", "", "", due))
        elif len(rows) == 1:
            rows = [(step["state"], *rows[0][1:])]
        elif not rows and step.get("carried_from"):
            rows.append((step["state"], "", step["provider"], "", "", f"in run {step['carried_from']}"))
        elif not rows and step.get("invocations") and step["state"] not in {"pending", "skipped"}:
            rows.append(_wide_row(step, run))
        elif not rows:
            rows.append((step["state"], "", "", "", "", _why_not_run(step, run["steps"][:index])))
        # A step's name stands beside its first attempt only.
        yield from ((step["name"] if row is rows[0] else "", *row) for row in rows)


def _wide_row(step: dict[str, Any], run: dict[str, Any]) -> tuple[object, ...]:
    """A step on many providers, in a row."""
    counts, started, ended = step["invocations"], step["started_at"], step["ended_at"]
    when, took = Short(*moments(started, run)), length_between(started, ended)
    batch = f"batch {step['batch']['number']} of {step['batch']['of']}: " if step.get("batch") else ""
    return (step["state"], "", f"{sum(counts.values()):,} providers", when, took, f"{batch}{counts_text(counts)}")


def attempt_row(attempt: dict[str, Any], run: dict[str, Any]) -> tuple[object, ...]:
    """An attempt as it stands in a table: state, number, provider, start, duration, outcome."""
    started, ended = attempt["started_at"], attempt["ended_at"]
    when, took = Short(*moments(started, run)), length_between(started, ended)
    return (attempt["state"], attempt["number"], attempt["provider"], when, took, _outcome(attempt))


def moments(instant: str | None, run: dict[str, Any]) -> tuple[str, str]:
    """An instant, whole and short: the day of the run itself stands above."""
    return moment(instant), short_moment(instant, day_of=run["created_at"])


def _outcome(attempt: dict[str, Any]) -> Short:
    return Short(_told(attempt, "exit status", "bytes of output"), _told(attempt, "exit", "B"))


def _told(attempt: dict[str, Any], exit_status: str, size: str) -> str:
    """How an attempt ended and how much it printed, in these words."""
    words = []
    if attempt.get("reason") not in (None, "exit_status", "signal"):
        words.append(attempt["reason"].replace("_", " "))
    if attempt["exit_status"] is not None:
        words.append(f"{exit_status} {attempt['exit_status']}")
    if attempt["signal"]:
        words.append(f"signal {attempt['signal']}")
    if attempt["output_bytes"]:
        words.append(f"{attempt['output_bytes']:,} {size}")
    return ", ".join(words)
