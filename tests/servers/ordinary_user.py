"""An ordinary user of this machine to log in as, where the tests run as root, and others that it may become."""

import fcntl
import os
import pwd
import secrets
import subprocess
import tempfile
from pathlib import Path

NAME = "opsimate-test"
ASKED_FOR, UNASKED = "opsimate-asked", "opsimate-unasked"
"""Others, as whom that user may run commands by sudo: with its password, and without."""
_RULES = Path("/etc/sudoers.d/opsimate-test")

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


def present_for_sudo() -> None:
    """Make the two others, and let the ordinary user run commands as them; not as anybody else, root included.

    Needs sudo, and to be root.
    """
    _FOLDER.mkdir(mode=0o700, exist_ok=True)
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in (ASKED_FOR, UNASKED):
            if not _exists(name):
                _make_user(name)
        rules = f"{NAME} ALL=({ASKED_FOR}) ALL\n{NAME} ALL=({UNASKED}) NOPASSWD: ALL\n"
        if not (_RULES.exists() and _RULES.read_text() == rules):
            _RULES.write_text(rules)
            _RULES.chmod(0o440)


def _exists(name: str = NAME) -> bool:
    return name in {user.pw_name for user in pwd.getpwall()}


def _make_user(name: str) -> None:
    with tempfile.TemporaryDirectory() as empty:  # a slow ~/.bashrc would slow down every shell command
        subprocess.run(["useradd", "-m", "-k", empty, "-s", "/bin/sh", name], check=True)


def _make(kept: Path) -> None:
    if not _exists():
        _make_user(NAME)
    password = secrets.token_urlsafe()
    subprocess.run(["chpasswd"], input=f"{NAME}:{password}\n", text=True, check=True)
    with os.fdopen(os.open(kept, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(password)
