"""Where the server programs are on this machine, if they are."""

import functools
import os
import re
import shutil
import subprocess
from pathlib import Path

RABBITMQ_VARIABLE = "OPSIMATE_TEST_RABBITMQ_PROGRAMS"
"""Names a folder with another RabbitMQ's `rabbitmq-server` and `rabbitmqctl`."""
SSHD_VARIABLE = "OPSIMATE_TEST_SSHD"
"""Names another sshd, by its whole path."""

# Debian keeps servers where an ordinary user's PATH does not look.
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"])
_PACKAGED_RABBITMQ = Path("/usr/lib/rabbitmq/bin")


def rabbitmq_programs() -> Path | None:
    """The folder of `rabbitmq-server` and `rabbitmqctl`.

    Packages put scripts of the same names before them that change to the user `rabbitmq`; those will not do.
    """
    if named := os.environ.get(RABBITMQ_VARIABLE):
        return Path(named) if (Path(named) / "rabbitmq-server").exists() else None
    if (_PACKAGED_RABBITMQ / "rabbitmq-server").exists():
        return _PACKAGED_RABBITMQ
    found = shutil.which("rabbitmq-server", path=_PATH)
    return Path(found).resolve().parent if found else None


def sshd() -> Path | None:
    """OpenSSH's server; it insists on being started by its whole path."""
    if named := os.environ.get(SSHD_VARIABLE):
        return Path(named) if Path(named).exists() else None
    return _found("sshd")


@functools.cache
def sshd_version(sshd: Path) -> tuple[int, int]:
    """The version of an OpenSSH server, such as (9, 2); one that does not know the question says it, too."""
    said = subprocess.run([sshd, "-V"], check=False, capture_output=True, text=True).stderr
    found = re.search(r"OpenSSH_(\d+)\.(\d+)", said)
    assert found, f"{sshd} says no version: {said}"
    return int(found[1]), int(found[2])


def dropbear() -> Path | None:
    """A small SSH server, as routers and initial RAM disks have it."""
    return _found("dropbear")


def alertmanager() -> Path | None:
    """Prometheus's Alertmanager, which Debian calls prometheus-alertmanager."""
    return _found("prometheus-alertmanager") or _found("alertmanager")


def postgresql() -> Path | None:
    """The folder of PostgreSQL's server programs, of the newest version; Debian keeps them from every PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    if folders:
        return folders[-1]
    found = _found("initdb")
    return None if found is None else found.resolve().parent


def chromium() -> Path | None:
    """The browser that the console is looked at with."""
    return headless_shell() or _found("chromium") or _found("chromium-browser")


def headless_shell() -> Path | None:
    """Chromium without windows, tabs and extensions, which takes a third less CPU to show a page."""
    return _found("chromium-headless-shell")


def java() -> Path | None:
    """What runs the stand-in for MongoDB."""
    return _found("java")


def java_tools() -> Path | None:
    """What compiles the stand-in for MongoDB."""
    return _found("javac")


def maven() -> Path | None:
    """What fetches the stand-in for MongoDB."""
    return _found("mvn")


def is_there(name: str) -> bool:
    """Whether this machine has a program."""
    return _found(name) is not None


def _found(name: str) -> Path | None:
    found = shutil.which(name, path=_PATH)
    return Path(found) if found else None
