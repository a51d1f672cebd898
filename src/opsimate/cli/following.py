"""Following a run from the command line: screen, Ctrl-C, exit status."""

import sys

import click

from opsimate.cli.printing import show_json
from opsimate.client import ApiClient, run_path
from opsimate.following.run_events import (
    STATUS_OF_STATE,
    STATUS_UNKNOWN,
    LostSightError,
    follow,
    how_to_cancel,
    how_to_follow,
)
from opsimate.following.screens import screen_for
from opsimate.instants import length
from opsimate.terminal_text import one_line

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
