"""`opsimate runs …`."""

from typing import Any

import click

from opsimate.cli.approvals import approve, reject
from opsimate.cli.invocations import invocations
from opsimate.cli.listing import newest_option, period_options
from opsimate.cli.parameters import parameter_options, parameters_of
from opsimate.cli.printing import Short, instant, output_option, show_items, show_json, show_table
from opsimate.cli.run import follow_to_the_end, show_started, start
from opsimate.cli.run_output import output
from opsimate.cli.run_picture import show_run
from opsimate.cli.session import RUN, id_of, why_none, with_api
from opsimate.client import API, ApiClient, run_path
from opsimate.following.run_events import ended_states, progress_fraction, state_text
from opsimate.terminal_text import length, one_line

STATES = (
    "awaiting_approval",
    "delayed",
    "queued",
    "running",
    "succeeded",
    "failed",
    "cancelled",
    "rejected",
    "expired",
    "skipped",
    "unknown",
)
NO_RUN = "There is no run yet. Start one with: opsimate run ACTION --follow (actions: opsimate actions list)"
NO_SUCH_RUN = "No run matches. See all of them with: opsimate runs list"
EXAMPLE = """
\b
Example:  opsimate runs list --action restart-nginx --state failed --since 2h
"""


@click.group()
def runs() -> None:
    """Runs: what was executed, and how it went.

    ID is the id of a run, or its first characters, as many as tell it from others (six at least), or 'last' for the
    newest run.
    """


runs.add_command(invocations)
runs.add_command(output)
runs.add_command(approve)
runs.add_command(reject)


@runs.command("list", epilog=EXAMPLE)
@click.option("--action", metavar="NAME", help="Of this action.")
@click.option(
    "--state",
    type=click.Choice(STATES),
    multiple=True,
    help="In this state; may be given several times.",
)
@click.option("--trigger", type=click.Choice(["manual", "schedule", "alert", "api"]), help="Started in this way.")
@click.option("--provider", metavar="NAME", help="On this provider.")
@click.option("--by", metavar="NAME", help="Asked for by this token (name or uid), alert rule or schedule.")
@click.option("--text", metavar="WORDS", help="With all these words in action, note, comments or parameters.")
@period_options("Created")
@newest_option(20)
@output_option
@with_api
def list_runs(api: ApiClient, *, limit: int, as_json: bool, **filters: Any) -> None:
    """List runs, newest first."""
    items = api.items(f"{API}/runs", limit=limit, **filters)
    if as_json:
        show_items(items)
        return
    columns = ("id", "action", "state", "steps", "trigger", "by", "created", "duration")
    nothing = NO_SUCH_RUN if any(filters.values()) else NO_RUN
    if not items:
        nothing = why_none(api, nothing, actions=filters["action"], providers=filters["provider"])
    spare = ("by", "trigger", "steps", "duration", "created")
    show_table(columns, [_row(item) for item in items], nothing=nothing, spare=spare)


def _row(run: dict[str, Any]) -> tuple[object, ...]:
    counted = progress_fraction(run, ended_states(run))
    progress = Short(counted, counted.partition(" ")[0])
    trigger, created = run["trigger"], instant(run["created_at"])
    name, took = run["action"]["name"], length(run["duration"])
    return (run["id"], name, state_text(run), progress, trigger["kind"], trigger["by"], created, took)


@runs.command("show")
@click.argument("run_id", metavar="ID")
@output_option
@with_api
def show(api: ApiClient, *, run_id: str, as_json: bool) -> None:
    """Show a run: why it is there, how far it came, step by step."""
    run = api.get(run_path(id_of(api, RUN, run_id)))
    if as_json:
        show_json(run)
    else:
        asked = api.items(f"{API}/approvals", limit=1, run=run["id"]) if run.get("approval") else []
        show_run(run, why_not=asked[0]["why_not"] if asked else None)


@runs.command("explain")
@click.argument("run_id", metavar="ID")
@output_option
@with_api
def explain(api: ApiClient, *, run_id: str, as_json: bool) -> None:
    """Say why a run is there, waited, or passed over a step.

    And what it waits for now.
    """
    found = api.get(run_path(id_of(api, RUN, run_id), "explain"))
    if as_json:
        show_json(found)
    else:
        click.echo("\n".join(one_line(sentence) for sentence in found["sentences"]))


@runs.command("follow")
@click.argument("run_id", metavar="ID")
@output_option
@click.pass_context
@with_api
def follow(api: ApiClient, ctx: click.Context, *, run_id: str, as_json: bool) -> None:
    """Show a run's progress and output until it ends.

    It is shown from its beginning. The exit status says how it ended, as for `opsimate run --follow`.
    """
    ctx.exit(follow_to_the_end(api, id_of(api, RUN, run_id), as_json=as_json))


@runs.command("cancel")
@click.argument("run_id", metavar="ID")
@click.option("--reason", default="", help="For whoever reads the run's history.")
@output_option
@with_api
def cancel(api: ApiClient, *, run_id: str, reason: str, as_json: bool) -> None:
    """Ask for a run to end. What runs now is ended on its provider, and cleanup steps still run."""
    # Asking again is the same answer, so a lost answer may be asked for again.
    answer = api.send("POST", run_path(id_of(api, RUN, run_id), "cancel"), {"reason": reason}, repeatable=True).json()
    if as_json:
        show_json(answer)
    else:
        click.echo(_cancelled(answer))


@runs.command("pause")
@click.argument("run_id", metavar="ID")
@click.option("--comment", default="", help="For whoever reads the run's history.")
@output_option
@with_api
def pause(api: ApiClient, *, run_id: str, comment: str, as_json: bool) -> None:
    """Let nothing new of a run begin. What runs now comes to its end."""
    _tell(api, run_id, "pause", comment, as_json=as_json)


@runs.command("resume")
@click.argument("run_id", metavar="ID")
@click.option("--comment", default="", help="For whoever reads the run's history.")
@output_option
@with_api
def resume(api: ApiClient, *, run_id: str, comment: str, as_json: bool) -> None:
    """Let a paused run go on."""
    _tell(api, run_id, "resume", comment, as_json=as_json)


@runs.command("override")
@click.argument("run_id", metavar="ID")
@click.option("--comment", required=True, help="Why it cannot wait; it is kept with the run.")
@output_option
@with_api
def override(api: ApiClient, *, run_id: str, comment: str, as_json: bool) -> None:
    """Let a run begin that waits for a maintenance window to end."""
    path = run_path(id_of(api, RUN, run_id), "override")
    run = api.send("POST", path, {"comment": comment}, repeatable=True).json()
    if as_json:
        show_json(run)
    else:
        click.echo(f"Run {run['id']} passes maintenance windows. Follow it with: opsimate runs follow {run['id']}")


RERUN_EXAMPLE = """
\b
Example:  opsimate runs rerun last --from-failed -p host=web-2 --follow
"""


@runs.command("rerun", epilog=RERUN_EXAMPLE)
@click.argument("run_id", metavar="ID")
@click.option("--from-failed", is_flag=True, help="From the first step on that did not succeed, by the same version.")
@click.option("--failed-providers", is_flag=True, help="Each step where it did not succeed, by the same version.")
@parameter_options
@click.option("--note", default="", help="Why, for whoever reads the run's history.")
@click.option("--follow", "-F", "follows", is_flag=True, help="Show progress and output until it ends.")
@output_option
@click.pass_context
@with_api
def rerun(
    api: ApiClient,
    ctx: click.Context,
    *,
    run_id: str,
    from_failed: bool,
    failed_providers: bool,
    typed: dict[str, str],
    files: dict[str, str],
    note: str,
    follows: bool,
    as_json: bool,
) -> None:
    """Do a run again, with the same parameters or changed ones.

    All of it is done by the action as it is now, on all providers; what is left of it (--from-failed,
    --failed-providers) as it was then. A run on failed providers alone goes on from its failed step on those alone.
    """
    earlier = api.get(run_path(id_of(api, RUN, run_id)))
    changed = parameters_of(api, earlier["action"]["name"], typed, files)
    if from_failed and failed_providers:
        raise click.UsageError("--from-failed and --failed-providers are two ways; give one of them.")
    mode = "from_failed" if from_failed else "failed_providers" if failed_providers else "same"
    body = {"mode": mode, "parameters": changed, "note": note}
    started = start(api, run_path(earlier["id"], "rerun"), body)
    show_started(ctx, api, started, follow=follows, as_json=as_json)


def _tell(api: ApiClient, run_id: str, control: str, comment: str, *, as_json: bool) -> None:
    # Asking again is the same answer, so a lost answer may be asked for again.
    path = run_path(id_of(api, RUN, run_id), control)
    run = api.send("POST", path, {"comment": comment}, repeatable=True).json()
    if as_json:
        show_json(run)
    elif run["paused"] is None:
        click.echo(f"Run {run['id']} goes on.")
    else:
        click.echo(f"Run {run['id']} is paused. Let it go on with: opsimate runs resume {run['id']}")


def _cancelled(run: dict[str, Any]) -> str:
    if run["ended_at"] is not None:
        return f"Run {run['id']} is {run['state']}."
    return f"Run {run['id']} is being cancelled. Follow it with: opsimate runs follow {run['id']}"
