"""`opsimate run`, and following a run to its end: screen, Ctrl-C, exit status."""

import shlex
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from opsimate.cli.parameters import parameter_options, parameters_of, with_options
from opsimate.cli.plan import confirmed_plan
from opsimate.cli.printing import output_option, show_json
from opsimate.cli.session import with_api
from opsimate.client import ApiClient, definition_path, run_path
from opsimate.errors import OpsimateError, RefusedError
from opsimate.following.run_events import (
    STATUS_OF_STATE,
    STATUS_UNKNOWN,
    LostSightError,
    follow,
    how_to_cancel,
    how_to_follow,
    state_until,
)
from opsimate.following.screens import screen_for
from opsimate.terminal_text import length, one_line

STATUS_INTERRUPTED = 130
"""As shells have it for what Ctrl-C ended."""


def follow_to_the_end(api: ApiClient, run_id: str, *, as_json: bool) -> int:
    """Show a run until it ends; the exit status. With ``as_json`` stdout holds the run and nothing else."""
    screen = screen_for(sys.stderr if as_json else sys.stdout)
    try:
        state = follow(api, run_id, screen)
    except KeyboardInterrupt:
        screen.close()
        click.echo(f"\nNo longer following, which leaves the run as it is. {how_to_follow(run_id)}", err=True)
        click.echo(how_to_cancel(run_id), err=True)
        return STATUS_INTERRUPTED
    except LostSightError as error:
        screen.close()
        click.echo(f"Error: {error.message} {error.hint}", err=True)
        return STATUS_UNKNOWN
    finally:
        screen.close()
    _summary(api, run_id, as_json=as_json)
    return STATUS_OF_STATE[state]


def _summary(api: ApiClient, run_id: str, *, as_json: bool) -> None:
    run = api.get(run_path(run_id))
    if as_json:
        show_json(run)
    took = f" after {length(run['duration'])}" if run["duration"] is not None else ""
    why = f": {one_line(run['reason_text'])}" if run["reason_text"] else ""
    click.echo(f"Run {run_id} {run['state']}{took}{why}", err=True)
    if run["state"] != "succeeded":
        click.echo(f"See its steps with: opsimate runs show {run_id}", err=True)


EXAMPLE = """
\b
Example:  opsimate run restart-nginx -p host=web-1 --note "after the update" --follow
"""


LONG_PAST = timedelta(minutes=1)
"""Before now: an instant that lies further back was hardly meant, so it is told that the run starts at once."""


def _later(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    """An instant, or a duration that means so long from now."""
    if value is None:
        return None
    from shared.contracts.values import seconds_of

    try:
        if "T" not in value:
            return datetime.now(UTC) + timedelta(seconds=seconds_of(value))
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = "write an instant such as 2026-01-31T12:00:00Z, or how long from now: 30m, 2h"
        raise click.BadParameter(message) from error
    raise click.BadParameter(f"the offset is missing: write {value}Z for UTC, or {value}+01:00 with an offset")


class _Run(click.Command):
    """Says how a parameter is given to whoever writes it without its option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        extra = super().parse_args(ctx, args)
        if extra and all("=" in argument for argument in extra):
            options = " ".join(f"-p {shlex.quote(argument)}" for argument in extra)
            raise click.UsageError(f"Each parameter needs its option; write: {options}", ctx)
        if extra:
            raise click.UsageError(f"Got unexpected extra arguments ({' '.join(extra)})", ctx)
        return extra


@click.command(cls=_Run, epilog=EXAMPLE, context_settings={"allow_extra_args": True})
@click.argument("action")
@parameter_options
@click.option("--note", default="", help="Why, for whoever reads the run's history.")
@click.option(
    "--not-before", callback=_later, metavar="WHEN", help="Start at this instant, or in 30m, 2h; not earlier."
)
@click.option("--idempotency-key", metavar="KEY", help="The same key again starts nothing: it finds the same run.")
@click.option("--plan-digest", metavar="DIGEST", help="Do what `opsimate plan` showed, or nothing.")
@click.option("--yes", "is_sure", is_flag=True, help="Ask for no confirmation, also where the action wants one.")
@click.option("--follow", "-F", is_flag=True, help="Show progress and output until it ends.")
@output_option
@click.pass_context
@with_api
def run(
    api: ApiClient,
    ctx: click.Context,
    *,
    action: str,
    typed: dict[str, str],
    files: dict[str, str],
    note: str,
    not_before: datetime | None,
    idempotency_key: str | None,
    plan_digest: str | None,
    is_sure: bool,
    follow: bool,
    as_json: bool,
) -> None:
    """Run ACTION.

    An action may ask for a confirmation: then its plan is shown first, and exactly that is run.

    With --follow the exit status says how the run ended: 0 succeeded, 1 failed, 3 cancelled, rejected, expired or
    skipped, 4 unknown. Ctrl-C stops following (130) and leaves the run alone.
    """
    parameters = parameters_of(api, action, typed, files)
    if plan_digest is None:
        plan_digest = confirmed_plan(api, action, parameters, is_sure=is_sure)
    body = {"parameters": parameters, "note": note, "not_before": not_before and not_before.isoformat()}
    body |= {"plan_digest": plan_digest}
    path = definition_path("actions", action, "runs")
    started = start(api, path, {name: value for name, value in body.items() if value is not None}, idempotency_key)
    if not_before and not_before < datetime.now(UTC) - LONG_PAST:
        click.echo(f"--not-before: {not_before:%Y-%m-%dT%H:%M:%SZ} is past: nothing is waited for.", err=True)
    show_started(ctx, api, started, follow=follow, as_json=as_json)


def show_started(ctx: click.Context, api: ApiClient, run: dict[str, Any], *, follow: bool, as_json: bool) -> None:
    """Follow a run that was asked for a moment ago, or say that it is there."""
    if follow:
        ctx.exit(follow_to_the_end(api, run["id"], as_json=as_json))
    if as_json:
        show_json(run)
    else:
        click.echo(f"Run {run['id']} of {run['action']['name']} is {state_until(run)}.")
        click.echo(f"Follow it with: opsimate runs follow {run['id']}", err=True)


def start(api: ApiClient, path: str, body: dict[str, Any], idempotency_key: str | None = None) -> dict[str, Any]:
    """The run that the request leads to."""
    from uuid import uuid4

    # With a key of its own the request can be sent again where an answer is lost, and still starts one run.
    key = idempotency_key or f"cli-{uuid4()}"
    try:
        started = api.send("POST", path, body, headers={"Idempotency-Key": key})
    except RefusedError as error:
        raise with_options(error) from error
    answer = started.json()
    if not isinstance(answer, dict):
        raise OpsimateError("The answer is no run.")
    return answer
