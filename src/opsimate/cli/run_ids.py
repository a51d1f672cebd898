"""Which run is meant: its id, the beginning of it, or ``last``."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from opsimate.client import API, ApiClient
from opsimate.errors import OpsimateError

LAST = "last"
LENGTH_OF_ID = 26
SHORTEST_BEGINNING = 6
NEWEST = 200
"""How many runs a beginning is looked for in."""

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def run_argument(command: CommandT) -> CommandT:
    """Add the argument ``run_id``, to be given to ``run_id_of``."""
    return click.argument("run_id", metavar="ID")(command)


def run_id_of(api: ApiClient, typed: str) -> str:
    """The id of the run that is meant. What fits no run is left for the API to refuse."""
    if typed == LAST:
        newest = api.items(f"{API}/runs", limit=1)
        if not newest:
            raise OpsimateError("There is no run yet. Start one with: opsimate run ACTION")
        return str(newest[0]["id"])
    if not SHORTEST_BEGINNING <= len(typed) < LENGTH_OF_ID:
        return typed
    found = [run["id"] for run in api.items(f"{API}/runs", limit=NEWEST) if run["id"].startswith(typed.upper())]
    if len(found) > 1:
        raise OpsimateError(f"'{typed}' begins the ids of {len(found)} runs, such as {found[0]} and {found[1]}.")
    return found[0] if found else typed
