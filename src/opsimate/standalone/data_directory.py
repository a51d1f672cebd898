"""The data directory of the product in one process: database, master key, the administrator's first token."""

import fcntl
import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from opsimate.errors import OpsimateError
from opsimate.standalone.listening import up_with
from shared.encryption import new_master_key, write_private
from shared.service import private_directory
from shared.settings import Settings, SettingsError, text_of

PRIVATE_BITS = 0o077
"""What of a file's mode lets others in."""


@dataclass(frozen=True)
class DataDirectory:
    """Where everything is kept."""

    path: Path

    @property
    def database(self) -> Path:
        """The database, where it is the embedded one."""
        return self.path / "opsimate.db"

    @property
    def master_key_file(self) -> Path:
        """What the secrets in the database are sealed with."""
        return self.path / "master.key"

    @property
    def admin_token_file(self) -> Path:
        """The administrator's first token, and nothing else."""
        return self.path / "admin-token"

    @property
    def option_for_another(self) -> str:
        """What names another directory beside this one, on the command line."""
        return f"--data {shlex.quote(f'{self.path.name}-2')}"

    @property
    def _lock(self) -> Path:
        return self.path / "in-use.lock"

    def hold(self) -> int:
        """Make the directory where it is missing, and keep other processes off it while the descriptor is open."""
        try:
            private_directory(self.path)
            lock = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise OpsimateError(
                f"The data directory {self.path} cannot be used: {error.strerror}.", hint="Name another with --data."
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            raise OpsimateError(
                f"The data directory {self.path} is used by another process.",
                hint="Stop that one, or start a second product with data and a port of its own: "
                f"{up_with(self.option_for_another, '--port 0')}  (0 takes any free port)",
            ) from error
        return lock

    def is_held(self) -> bool:
        """Whether a process keeps its data here now."""
        try:
            lock = os.open(self._lock, os.O_RDONLY)
        except OSError:  # it was never held, or by somebody whose files cannot be read
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)  # with it, what was locked is free again
        return False


def embedded_database(settings: Settings) -> Path | None:
    """The file of the database, where it is a file."""
    scheme, _, path = settings.store_url.partition(":")
    return Path(path) if scheme == "sqlite" else None


def is_first_start(settings: Settings) -> bool:
    """Whether nothing was stored yet, as far as this machine can know."""
    database = embedded_database(settings)
    if database is None:
        return not (settings.admin_token_file and settings.admin_token_file.exists())
    return not database.exists() or database.stat().st_size == 0


def make_missing_key(data: DataDirectory, settings: Settings, *, first_start: bool) -> None:
    """Make the master key where this is a first start and nobody gave another."""
    if settings.master_key is not None or settings.master_key_file != data.master_key_file:
        return
    if data.master_key_file.exists():
        return
    if not first_start:
        raise OpsimateError(
            f"The master key {data.master_key_file} is missing, and the secrets in {embedded_database(settings)} "
            "were sealed with it: a new key would not open them.",
            hint="Put the key back from a copy, or set OPSIMATE_MASTER_KEY or OPSIMATE_MASTER_KEY_FILE where the "
            "key came from there. To begin anew without what was stored, move the data directory away.",
        )
    if embedded_database(settings) is None:
        raise OpsimateError(
            "The database is a server's, so it may hold secrets already, and no master key was given to open them.",
            hint="Set OPSIMATE_MASTER_KEY_FILE. A new key is made with: opsimate new-master-key FILE",
        )
    write_private(data.master_key_file, new_master_key())


def admin_token(settings: Settings) -> str | None:
    """The administrator's token, where its file is still there."""
    path = settings.admin_token_file
    if path is None or not os.path.lexists(path):
        return None
    try:
        return text_of(path, "OPSIMATE_ADMIN_TOKEN_FILE").strip()
    except SettingsError as error:
        raise OpsimateError(f"{error}.") from error


def open_to_others(path: Path) -> bool:
    """Whether anyone but its owner may read or change the file."""
    return bool(path.stat().st_mode & PRIVATE_BITS)
