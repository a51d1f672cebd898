"""`opsimate runs output`: what a run's commands printed."""

import os
import sys
from collections.abc import Container, Iterable, Sequence
from typing import Any

import click
import httpx

from opsimate.cli.printing import output_option, show_items
from opsimate.cli.session import RUN, id_of, with_api
from opsimate.client import JSON_LINES, ApiClient, run_path
from opsimate.following.lines import MachineLines
from opsimate.terminal_text import TerminalText, moment, readable

EXAMPLE = """
\b
Example:  opsimate runs output last --step restart --provider web-3
          opsimate runs output last --search "connection refused"
          opsimate runs output last --json-lines > output.jsonl
"""


@click.command("output", epilog=EXAMPLE)
@click.argument("run_id", metavar="ID")
@click.option("--step", metavar="NAME", help="Of this step only.")
@click.option("--attempt", type=click.IntRange(1), metavar="NUMBER", help="Of this attempt only.")
@click.option("--provider", metavar="NAME", help="On this provider only.")
@click.option("--no-names", is_flag=True, help="No provider's name before the lines of a step on several.")
@click.option(
    "--search", "text", metavar="TEXT", help="Only lines that hold this, in capitals or not, with their number."
)
@click.option("--regex", metavar="PATTERN", help="Only lines that this fits anywhere, likewise.")
@click.option("--json-lines", is_flag=True, help="Each piece as JSON, one a line, as it is read.")
@output_option
@with_api
def output(
    api: ApiClient,
    *,
    run_id: str,
    no_names: bool,
    text: str | None,
    regex: str | None,
    json_lines: bool,
    as_json: bool,
    **filters: Any,
) -> None:
    """Print what a run's commands printed.

    It comes byte for byte; on a terminal, of what steers one its colours only. Of a step on several providers it comes
    provider by provider, each line behind the provider's name: 'web-1 | restarted'.
    """
    found = id_of(api, RUN, run_id)
    path = run_path(found, "output")
    if text is not None or regex is not None:
        _show_found(api.items(f"{path}/search", text=text, regex=regex, **filters), as_json=as_json)
        return
    if json_lines:
        with api.stream(path, accept=JSON_LINES, query=filters) as answer:
            for data in answer.iter_bytes():
                sys.stdout.buffer.write(data)
        return
    if as_json:
        show_items(api.items(path, **filters))
        return
    wide = set[str]() if no_names or filters["provider"] else _wide_steps(api, found, filters["step"])
    if wide:
        is_something = _print_named(api.each(path, **filters), wide)
    else:
        with api.stream(path, accept="text/plain", query=filters) as answer:
            is_something = _printed(answer)
    if not is_something:
        click.echo(_why_nothing(api, found, run_id), err=True)


def _why_nothing(api: ApiClient, found: str, run_id: str) -> str:
    deleted_at = api.get(run_path(found))["output_deleted_at"]
    if deleted_at is not None:
        return f"What was printed is deleted since {moment(deleted_at)}, as it was kept for as long as it should be."
    return f"Nothing was printed so far. How it went: opsimate runs explain {run_id}"


def _show_found(lines: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Lines that were looked for, each behind where it stands."""
    if as_json:
        show_items(lines)
        return
    for line in lines:
        attempt = "" if line["attempt"] == 1 else f".{line['attempt']}"
        click.echo(f"{line['step']}{attempt} {line['provider']} {line['line']}: {readable(line['text'])}")
    if not lines:
        click.echo("No line of the output is such a one.", err=True)


def _wide_steps(api: ApiClient, run_id: str, step: str | None) -> set[str]:
    """The steps of the run that run on several providers; of that one step alone, where one is asked for."""
    names = {one["name"] for one in api.get(run_path(run_id))["steps"] if one["invocations"] is not None}
    return names if step is None else names & {step}


def _print_named(items: Iterable[dict[str, Any]], wide: Container[str]) -> bool:
    """Print pieces of output, with the names of providers before the lines of these steps; whether there were any."""
    is_terminal, seen = sys.stdout.isatty(), None
    machines = MachineLines(is_terminal=is_terminal, colours="NO_COLOR" not in os.environ)
    alone = TerminalText()
    for item in items:
        source = item["step"], item["provider"], item["attempt"]
        if source != seen:
            _write(machines.finish())
        seen = source
        if item["step"] in wide:
            _write(machines.feed(item))
        else:
            _write(alone.feed(item["text"]) if is_terminal else item["text"])
    _write(machines.finish())
    _write("\x1b[0m" if alone.style else "")
    return seen is not None


def _write(text: str) -> None:
    """Print a text as it is, whatever encoding standard output says it has."""
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def _printed(answer: httpx.Response) -> bool:
    """Pass on what the answer holds; whether there was anything."""
    is_something = False
    if not sys.stdout.isatty():
        for data in answer.iter_bytes():
            is_something |= bool(data)
            sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return is_something
    text = TerminalText()
    for piece in answer.iter_text():
        is_something |= bool(piece)
        click.echo(text.feed(piece), nl=False)
    click.echo("\x1b[0m" if text.style else "", nl=False)
    return is_something
