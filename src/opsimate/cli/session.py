"""A command's way to the API."""

from functools import update_wrapper
from typing import Any

import click

from opsimate.client import ApiClient
from opsimate.credentials import find_credentials


def with_api(command: Any) -> Any:
    """Hand the command a client of the API as its first argument."""

    @click.pass_context
    def connected(ctx: click.Context, *args: Any, **kwargs: Any) -> Any:
        with ApiClient(find_credentials(ctx.find_root().obj)) as api:
            return ctx.invoke(command, api, *args, **kwargs)

    return update_wrapper(connected, command)
