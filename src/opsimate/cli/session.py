"""A command's way to the API, and to the run, alert or notification that is meant by what was typed."""

from dataclasses import dataclass
from functools import update_wrapper
from http import HTTPStatus
from typing import Any

import click

from opsimate.client import API, ApiClient, definition_path
from opsimate.credentials import find_credentials
from opsimate.errors import OpsimateError, RefusedError, WrongUsageError
from opsimate.terminal_text import readable


def with_api(command: Any) -> Any:
    """Hand the command a client of the API as its first argument."""

    @click.pass_context
    def connected(ctx: click.Context, *args: Any, **kwargs: Any) -> Any:
        with ApiClient(find_credentials(ctx.find_root().obj)) as api:
            return ctx.invoke(command, api, *args, **kwargs)

    return update_wrapper(connected, command)


LAST = "last"
LENGTH_OF_ID = 26
SHORTEST_BEGINNING = 6
NEWEST = 200
"""How many things a beginning is looked for in."""


@dataclass(frozen=True)
class Listed:
    """A kind of thing that is listed newest first, each under an id."""

    noun: str
    nothing: str
    """What to say where there is none yet."""

    @property
    def path(self) -> str:
        """The list in the API."""
        return f"{API}/{self.noun}s"


RUN = Listed("run", nothing="There is no run yet. Start one with: opsimate run ACTION")
NOTIFICATION = Listed("notification", nothing="No channel was told of anything yet.")
ALERT = Listed("alert", nothing="No alert was reported yet.")


def id_of(api: ApiClient, kind: Listed, typed: str) -> str:
    """The id of the run, alert or notification that is meant. What fits none is left for the API to refuse."""
    if typed == LAST:
        newest = api.items(kind.path, limit=1)
        if not newest:
            raise OpsimateError(kind.nothing)
        return str(newest[0]["id"])
    if len(typed) < SHORTEST_BEGINNING:
        message = f"'{typed}' is too short: give six characters or more of the {kind.noun}'s id, or '{LAST}'"
        raise WrongUsageError(message)
    beginning = typed.upper()
    if len(beginning) >= LENGTH_OF_ID:
        return beginning
    found = [one["id"] for one in api.items(kind.path, limit=NEWEST) if one["id"].startswith(beginning)]
    if len(found) > 1:
        raise OpsimateError(
            f"'{typed}' begins the ids of {len(found)} {kind.noun}s, such as {found[0]} and {found[1]}.",
            hint="Give more of its characters.",
        )
    return found[0] if found else typed


def why_none(api: ApiClient, otherwise: str, **names: str | None) -> str:
    """What to say where no run matches: that there is nothing of a name that was asked for, in the API's words, or
    something else; ``names`` are those of ``actions`` and ``providers``.
    """
    for path, name in names.items():
        if name is None:
            continue
        try:
            api.get(definition_path(path, name))
        except RefusedError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return f"No run matches: {readable(error.message)}"
    return otherwise
