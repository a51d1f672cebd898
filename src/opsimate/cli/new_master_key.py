"""`opsimate new-master-key FILE`."""

from pathlib import Path

import click

from opsimate.errors import OpsimateError


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
