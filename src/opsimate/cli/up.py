"""`opsimate up`."""

import shutil
import sys
from pathlib import Path

import click


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
