"""An ordinary user of this machine to log in as, where the tests run as root."""

import fcntl
import os
import pwd
import secrets
import subprocess
import tempfile
from pathlib import Path

NAME = "opsimate-test"

# Several test commands may run at once, so they share the user, and its password by this folder of root's.
_FOLDER = Path("/var/lib/opsimate-test")


def present_with_password() -> str:
    """Make the user if there is none, with an empty home and /bin/sh; its password, a random one."""
    _FOLDER.mkdir(mode=0o700, exist_ok=True)
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = _FOLDER / "password"
        if not (_exists() and kept.exists()):
            _make(kept)
        return kept.read_text()


def _exists() -> bool:
    return NAME in {user.pw_name for user in pwd.getpwall()}


def _make(kept: Path) -> None:
    if not _exists():
        with tempfile.TemporaryDirectory() as empty:  # a slow ~/.bashrc would slow down every shell command
            subprocess.run(["useradd", "-m", "-k", empty, "-s", "/bin/sh", NAME], check=True)
    password = secrets.token_urlsafe()
    subprocess.run(["chpasswd"], input=f"{NAME}:{password}\n", text=True, check=True)
    with os.fdopen(os.open(kept, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(password)
