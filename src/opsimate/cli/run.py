"""`opsimate run`, and following a run to its end: screen, Ctrl-C, exit status."""

import shlex
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from opsimate.cli.printing import output_option, show_json
from opsimate.cli.session import with_api
from opsimate.client import ApiClient, definition_path, run_path
from opsimate.definitions.file_references import read_secret
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

BOOLEANS = {"true": True, "false": False}


def _boolean(text: str) -> bool:
    return BOOLEANS[text.lower()]


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def _stored_secret(text: str) -> dict[str, str]:
    return {"secret": text}


_VALUE_OF_TYPE: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "number": _number,
    "boolean": _boolean,
    "secret": _stored_secret,
}


def values_of(typed: Mapping[str, str], declared: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The values that the API is sent. For a secret the name of a stored one is typed, never its value.

    What does not fit its type goes as it is: the API says what is wrong with it, as it does for everybody.
    """
    types = {parameter["name"]: parameter["type"] for parameter in declared}
    return {name: _value(text, types.get(name, "string")) for name, text in typed.items()}


def _value(text: str, type_: str) -> Any:
    try:
        return _VALUE_OF_TYPE.get(type_, str)(text)
    except (ValueError, KeyError):
        return text


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


def _pairs(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"'{value}': write it as NAME=VALUE")
        if name in pairs:
            raise click.BadParameter(f"'{name}' is given twice")
        pairs[name] = text
    return pairs


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
@click.option(
    "-p",
    "--parameter",
    "typed",
    multiple=True,
    callback=_pairs,
    metavar="NAME=VALUE",
    help="May be given often. For a parameter of type secret VALUE is the name of a stored secret.",
)
@click.option(
    "--parameter-file", "files", multiple=True, callback=_pairs, metavar="NAME=FILE", help="Its value is in a file."
)
@click.option("--note", default="", help="Why, for whoever reads the run's history.")
@click.option(
    "--not-before", callback=_later, metavar="WHEN", help="Start at this instant, or in 30m, 2h; not earlier."
)
@click.option("--idempotency-key", metavar="KEY", help="The same key again starts nothing: it finds the same run.")
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
    follow: bool,
    as_json: bool,
) -> None:
    """Run ACTION.

    With --follow the exit status says how the run ended: 0 succeeded, 1 failed, 3 cancelled, rejected, expired or
    skipped, 4 unknown. Ctrl-C stops following (130) and leaves the run alone.
    """
    if doubled := sorted(set(typed) & set(files)):
        raise click.UsageError(f"'{doubled[0]}' is given by -p and by --parameter-file.")
    parameters = _parameters(api, action, typed, files)
    later = {"not_before": not_before.isoformat()} if not_before else {}
    started = _start(api, action, {"parameters": parameters, "note": note, **later}, idempotency_key)
    if not_before and not_before < datetime.now(UTC) - LONG_PAST:
        click.echo(f"--not-before: {not_before:%Y-%m-%dT%H:%M:%SZ} is past: nothing is waited for.", err=True)
    if follow:
        ctx.exit(follow_to_the_end(api, started["id"], as_json=as_json))
    if as_json:
        show_json(started)
    else:
        click.echo(f"Run {started['id']} of {action} is {state_until(started)}.")
        click.echo(f"Follow it with: opsimate runs follow {started['id']}", err=True)


def _parameters(api: ApiClient, action: str, typed: dict[str, str], files: dict[str, str]) -> dict[str, Any]:
    if not typed and not files:
        return {}
    declared = api.get(definition_path("actions", action))["parameters"]
    from_files = {name: read_secret(Path(file).expanduser()) for name, file in files.items()}
    secrets = {parameter["name"] for parameter in declared if parameter["type"] == "secret"}
    given_secrets = {name: text for name, text in from_files.items() if name in secrets}
    others = {name: text for name, text in from_files.items() if name not in secrets}
    return {**values_of({**typed, **others}, declared), **given_secrets}


def _start(api: ApiClient, action: str, body: dict[str, Any], idempotency_key: str | None) -> dict[str, Any]:
    from uuid import uuid4

    # With a key of its own the request can be sent again where an answer is lost, and still starts one run.
    key = idempotency_key or f"cli-{uuid4()}"
    try:
        started = api.send("POST", definition_path("actions", action, "runs"), body, headers={"Idempotency-Key": key})
    except RefusedError as error:
        raise _with_options(error) from error
    answer = started.json()
    if not isinstance(answer, dict):
        raise OpsimateError("The answer is no run.")
    return answer


def _with_options(error: RefusedError) -> RefusedError:
    """The same refusal, with how to give each parameter that is missing."""
    fields = [(field, _with_option(field, message)) for field, message in error.fields]
    if fields == error.fields:
        return error
    message = "; ".join(f"{field}: {text}" for field, text in fields)
    return RefusedError(error.status, message, fields=fields, hint=error.hint)


def _with_option(field: str, message: str) -> str:
    parent, _, name = field.partition(".")
    is_missing = parent == "parameters" and message.startswith("is required")
    return f"{message} (give it with -p {name}=…)" if is_missing else message
