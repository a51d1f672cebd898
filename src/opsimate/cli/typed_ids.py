"""Which run or alert is meant: its id, the beginning of it, or ``last``."""

from dataclasses import dataclass

from opsimate.client import API, ApiClient
from opsimate.errors import OpsimateError, WrongUsageError

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
ALERT = Listed("alert", nothing="No alert was reported yet.")


def id_of(api: ApiClient, kind: Listed, typed: str) -> str:
    """The id of the run or alert that is meant. What fits none is left for the API to refuse."""
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
            f"'{typed}' begins the ids of {len(found)} {kind.noun}s, such as {found[0]} and {found[1]}."
        )
    return found[0] if found else typed
