"""`opsimate up`, `doctor`, and `migrate` and `new-master-key FILE` for those who start the services themselves."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from opsimate.cli.printing import GAP, ROOM_TO_FOLD, console, output_option, show_json
from opsimate.errors import OpsimateError
from opsimate.terminal_text import readable

if TYPE_CHECKING:
    from opsimate.diagnosis import Finding

MARKS = {"ok": ("ok", "green"), "warning": ("warning", "yellow"), "problem": ("PROBLEM", "red")}


@click.command()
@click.option("--host", metavar="ADDRESS", help="Where to listen.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65_535), help="0 takes any free one.  [default: 8080]")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data"),
    show_default=True,
    help="Where everything is kept; made where it is missing.",
)
@click.pass_context
def up(ctx: click.Context, *, host: str | None, port: int | None, data: Path) -> None:
    """Start the whole product in one process, until Ctrl-C.

    The first start makes the data directory, a master key and an administrator's token, which is kept where the
    command line finds it, and shown once on a terminal. Settings of the environment (OPSIMATE_…) hold here, too.
    """
    # The server's libraries take their time to load, and no other command needs them.
    from opsimate.standalone.starting import start

    ctx.exit(start(data.absolute(), host=host, port=port, program=_program()))


def _program() -> str:
    """What to type to call this program."""
    found = shutil.which("opsimate")
    called = Path(sys.argv[0])
    if found is not None and called.exists() and Path(found).samefile(called):
        return "opsimate"
    return str(called)


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data"),
    show_default=True,
    help="Where `opsimate up` keeps everything; not read where OPSIMATE_STORE_URL names the store.",
)
def migrate(*, data: Path) -> None:
    """Move the store of an earlier release to this one, and return when it is done.

    `opsimate up` and the services do the same when they start, but that services leave the store of the first release
    alone: stop those yourself, and make a backup, before this. Killed half way, it goes on where it was.
    """
    from opsimate.standalone.starting import move_store

    click.echo(f"The store has schema {move_store(data.absolute())}.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def new_master_key(file: Path) -> None:
    """Write a new master key to FILE, which must not exist, for its owner only.

    Every service needs the same one, in OPSIMATE_MASTER_KEY_FILE. Keep a copy elsewhere: without it the stored
    secrets cannot be read, by anyone. (`opsimate up` makes its own.)
    """
    from shared.encryption import new_master_key as fresh_key
    from shared.encryption import write_private

    try:
        write_private(file, fresh_key())
    except FileExistsError as error:
        raise OpsimateError(f"{file} exists already; a key in use must not be replaced.") from error
    except OSError as error:
        raise OpsimateError(f"{file}: {error.strerror}") from error
    click.echo(f"{file} holds a new master key. Keep a copy of it in a safe place.")


@click.command()
@output_option
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Check what the product needs, and say what to do where something is missing.

    Asks the running product about store, bus and executors, and looks at its keys and disk where it is the one that
    'opsimate up' started last on this machine; of any other it says that they cannot be looked at. Status 1 if there is
    a problem.
    """
    from opsimate.diagnosis import diagnose

    findings = diagnose(ctx.find_root().obj)
    if as_json:
        show_json({"items": [finding._asdict() for finding in findings]})
    else:
        _show_findings(findings)
    ctx.exit(1 if any(finding.state == "problem" for finding in findings) else 0)


def _show_findings(findings: Sequence["Finding"]) -> None:
    """Print each finding with its remedy below; what is longer than a line goes on below its beginning."""
    out = console()
    widest = [max(len(mark) for mark, _ in MARKS.values()), max(len(finding.check) for finding in findings)]
    indent = sum(widest) + 2 * GAP
    for finding in findings:
        mark, style = MARKS[finding.state]
        begin = Text.assemble((mark.ljust(widest[0] + GAP), style), (finding.check.ljust(widest[1] + GAP), "bold"))
        for text in (Text(readable(finding.message)), Text(readable(finding.remedy), style)):
            for line in text.wrap(out, max(out.width - indent, ROOM_TO_FOLD)) if text else ():
                line.rstrip()
                out.print(begin + line)
                begin = Text(" " * indent)
