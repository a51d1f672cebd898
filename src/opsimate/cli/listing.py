"""What lists of what happened are asked for in the same words: since when, until when, and how many."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

MOST_LISTED = 10_000
CommandT = TypeVar("CommandT", bound=Callable[..., Any])


def instant_or_ago(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """An instant, or a duration that means so long ago."""
    if value is None or "T" in value or value.count("-") > 1:
        return value
    from shared.contracts.values import seconds_of

    try:
        ago = datetime.now(UTC) - timedelta(seconds=seconds_of(value))
    except (ValueError, OverflowError) as error:
        raise click.BadParameter("write an instant such as 2026-01-31T12:00:00Z, or how long ago: 2h, 1d") from error
    return f"{ago:%Y-%m-%dT%H:%M:%S}Z"


def newest_option(number: int) -> Callable[[CommandT], CommandT]:
    """Add ``--limit``, which is so many where it is left out."""
    many = click.IntRange(1, MOST_LISTED)
    return click.option("--limit", type=many, default=number, show_default=True, help="The newest so many.")


def period_options(done: str) -> Callable[[CommandT], CommandT]:
    """Add ``--since`` and ``--until`` to a list of what was ``done``: created, say."""

    def add(command: CommandT) -> CommandT:
        ago = f"{done} after this instant, or in the last 2h, 1d."
        until = click.option("--until", callback=instant_or_ago, metavar="WHEN", help=f"{done} before this instant.")
        return click.option("--since", callback=instant_or_ago, metavar="WHEN", help=ago)(until(command))

    return add
