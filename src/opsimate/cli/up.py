"""`opsimate up`, and `migrate` and `new-master-key FILE` for those who start the services themselves."""

import shutil
import sys
from pathlib import Path

import click

from opsimate.errors import OpsimateError


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
