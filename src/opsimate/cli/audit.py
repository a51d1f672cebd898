"""`opsimate audit`: who did what, whether anybody has changed that since, and all of it for another place."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opsimate.cli.listing import newest_option, period_options
from opsimate.cli.printing import instant, output_option, show_items, show_json, show_table
from opsimate.cli.session import with_api
from opsimate.client import API, JSON_LINES, ApiClient
from opsimate.credentials import find_credentials
from opsimate.errors import OpsimateError

if TYPE_CHECKING:
    from shared.audit import ChainBreak, ChainCheck
    from shared.contracts.audit import AuditHead

EXAMPLE = """
\b
Example:  opsimate audit list --kind action --since 7d
          opsimate audit verify
          opsimate audit export > audit.jsonl
"""
NO_ENTRY = "There is no such entry."
EXPECTED = "write NUMBER:HASH, as an earlier 'opsimate audit verify' printed it"


@click.group(epilog=EXAMPLE)
def audit() -> None:
    """Who did what, when and from where: entries that are never changed, each chained to the one before by hash."""


@audit.command("list")
@click.option("--principal", metavar="NAME", help="By this token (name or uid), alert rule or schedule.")
@click.option("--kind", metavar="KIND", help="What was done, action.changed, or to what: action, run, token.")
@click.option("--name", metavar="NAME", help="To this definition or token, or to runs of this action.")
@click.option("--run", metavar="ID", help="To the run with this id.")
@period_options("Done")
@newest_option(50)
@output_option
@with_api
def list_entries(api: ApiClient, *, limit: int, as_json: bool, **filters: Any) -> None:
    """List what was done, the last first."""
    found = api.items(f"{API}/audit", limit=limit, **filters)
    if as_json:
        show_items(found)
        return
    columns = ("number", "at", "by", "what", "name", "run", "from", "note")
    show_table(columns, [_row(entry) for entry in found], nothing=NO_ENTRY, spare=("number", "from", "note", "run"))


def _row(entry: dict[str, Any]) -> tuple[object, ...]:
    origin = entry.get("origin") or {}
    version = entry["details"].get("version")
    name = entry["name"] if version is None else f"{entry['name']}@{version}"
    place = " ".join(text for text in (origin.get("address"), origin.get("program", "").partition(" ")[0]) if text)
    what, run = entry["kind"], entry.get("run_id", "")
    return (entry["number"], instant(entry["at"]), entry["by"], what, name, run, place, entry.get("note", ""))


def _expected(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> "AuditHead | None":
    if value is None:
        return None
    from shared.contracts.audit import AuditHead

    try:
        return AuditHead.written(value)
    except ValueError as error:
        raise click.BadParameter(EXPECTED) from error


@audit.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option(
    "--expect", callback=_expected, metavar="NUMBER:HASH", help="What an earlier verify printed, kept somewhere else."
)
@output_option
@click.pass_context
def verify(ctx: click.Context, *, file: Path | None, expect: "AuditHead | None", as_json: bool) -> None:
    """Walk the chain from its first entry to its end, and say the first one that does not hold.

    Each hash is worked out here, from what the server sends, or without a server from FILE, which was exported.
    Exit status 1 where the chain does not hold.
    """
    from shared.audit import ChainCheck

    check = ChainCheck(expect)
    if file is not None:
        with file.open(encoding="utf-8", errors="replace") as lines:  # what is no text is no JSON either
            found = _first_break(check, lines) or check.end()
    else:
        with ApiClient(find_credentials(ctx.find_root().obj)) as api:
            stored = _head(api)  # before the entries, of which more may come meanwhile
            found = _first_break(check, _sent(api, 1)) or check.end(_not_before(stored, check.head))
    number, hash_ = check.head.number, check.head.hash
    if as_json:
        broken = None if found is None else {"number": found.number, "meaning": found.meaning}
        show_json({"number": number, "hash": hash_, "broken": broken})
    elif found is None:
        click.echo(f"All {number} entries hold. Keep this somewhere else, for --expect:\n{number}:{hash_}")
    if found is not None:
        raise OpsimateError(f"The audit does not hold from entry {found.number} on: {found.meaning}.")


def _first_break(check: "ChainCheck", lines: Iterable[str]) -> "ChainBreak | None":
    return next(filter(None, map(check.take, _entries(lines))), None)


def _head(api: ApiClient) -> "AuditHead":
    from shared.contracts.audit import AuditHead

    return AuditHead.model_validate(api.get(f"{API}/audit/head"))


def _not_before(stored: "AuditHead | None", last: "AuditHead") -> "AuditHead | None":
    """The end that the store had noted, unless entries have come since."""
    return None if stored is None or stored.number < last.number else stored


@audit.command("export")
@click.option("--from", "begin", type=click.IntRange(min=1), default=1, show_default=True, help="The first entry.")
@with_api
def export(api: ApiClient, *, begin: int) -> None:
    """Print all entries in the order of the chain, one a line, as JSON; `verify` takes them from a file."""
    for line in _sent(api, begin):
        click.echo(line)


def _sent(api: ApiClient, begin: int) -> Iterator[str]:
    with api.stream(f"{API}/audit/export", accept=JSON_LINES, query={"from": begin}) as answer:
        yield from answer.iter_lines()


def _entries(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise OpsimateError(f"Line {number} is no JSON: this is no export of the audit.") from error
        if not isinstance(entry, dict):
            raise OpsimateError(f"Line {number} is no entry: this is no export of the audit.")
        yield entry
