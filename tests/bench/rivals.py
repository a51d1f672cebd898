"""What others need for the same: ``true`` on a thousand names of one sshd, fifty at a time, without a connection.

As people use them: log-ins by a key and a configuration of OpenSSH's client, host keys known before and checked, and
nothing that makes them slower than they have to be.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servers.prepare import install
from tests.servers.sshd import SshServer

IN_FLIGHT = 50
_PACKAGES = {"pdsh": "pdsh", "ansible": "ansible-core"}
"""By the program, Debian's name of the package. Its ``ansible`` is the same program with a thousand modules more."""


@dataclass(frozen=True)
class _Errand:
    """A thousand providers, as OpenSSH's client knows them."""

    folder: Path
    config: Path
    names: Sequence[str]
    user: str


@dataclass(frozen=True)
class _Rival:
    command: Callable[[_Errand], list[str]]
    settings: Callable[[_Errand], dict[str, str]]
    succeeded: Callable[[subprocess.CompletedProcess[str], int], bool]
    """Whether so many names ran the command: their own exit status need not say so."""


def _pdsh(errand: _Errand) -> list[str]:
    # -l, as pdsh tells ssh the name of the local user otherwise, which wins over the configuration's.
    hosts = ",".join(errand.names)
    return ["pdsh", "-R", "ssh", "-S", "-f", str(IN_FLIGHT), "-l", errand.user, "-w", hosts, "true"]


def _ansible(errand: _Errand) -> list[str]:
    # The raw module asks for no Python there, and an ad-hoc command gathers no facts.
    inventory = errand.folder / "inventory"
    inventory.write_text("\n".join(errand.names))
    return ["ansible", "all", "-i", str(inventory), "-f", str(IN_FLIGHT), "-m", "raw", "-a", "true"]


def _settings_of_ansible(errand: _Errand) -> dict[str, str]:
    # ssh's own arguments stay Ansible's: -C, ControlMaster=auto, ControlPersist=60s. The socket of a master is named
    # by host, port and user as the inventory has them. So each name stands there by itself and is led to the one sshd
    # by the configuration; with ansible_host and ansible_port all of them would share one master, and be no thousand.
    # The masters stay, as they do for whoever uses Ansible, until the sshd ends; what they make faster is a second run.
    return {
        "ANSIBLE_SSH_COMMON_ARGS": f"-F {errand.config}",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(errand.folder),
        "ANSIBLE_PIPELINING": "true",
        "ANSIBLE_HOME": str(errand.folder),
        "ANSIBLE_LOCAL_TEMP": str(errand.folder),
        "ANSIBLE_NOCOLOR": "true",
    }


_RIVALS = {
    "pdsh": _Rival(
        _pdsh,
        lambda errand: {"PDSH_SSH_ARGS_APPEND": f"-F {errand.config}"},
        lambda done, _: not done.stderr,
    ),
    "ansible": _Rival(
        _ansible, _settings_of_ansible, lambda done, names: done.stdout.count(" | CHANGED | rc=0") == names
    ),
}
NAMES = tuple(_RIVALS)


def prepare_rivals() -> None:
    """Install what is missing, as root on Debian; elsewhere what is there is measured."""
    install([package for program, package in _PACKAGES.items() if not shutil.which(program)])


def measure_rivals(sshd: SshServer, width: int) -> dict[str, float]:
    """The seconds that each that is there takes, by its name."""
    return {name: _measured(name, rival, sshd, width) for name, rival in _RIVALS.items() if shutil.which(name)}


def _measured(name: str, rival: _Rival, sshd: SshServer, width: int) -> float:
    print(f"measuring: {name} …", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="opsimate-", ignore_cleanup_errors=True) as directory:
        errand = _errand(sshd, Path(directory), width)
        command, settings = rival.command(errand), rival.settings(errand)
        began = time.perf_counter()
        done = subprocess.run(
            command,
            env={**os.environ, **settings},
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=directory,
        )
        took = time.perf_counter() - began
    said = f"{done.stdout[-1000:]}{done.stderr[-1000:]}"
    assert done.returncode == 0, f"{name} ended with {done.returncode}: {said}"
    assert rival.succeeded(done, width), f"{name} failed on some of {width}: {said}"
    return took


def _errand(sshd: SshServer, folder: Path, width: int) -> _Errand:
    known_hosts, config = folder / "known_hosts", folder / "config"
    known_hosts.write_text(f"[{sshd.host}]:{sshd.port} {sshd.host_key}\n")
    config.write_text(
        f"Host n-*\n  HostName {sshd.host}\n  Port {sshd.port}\n  User {sshd.user}\n"
        f"  IdentityFile {sshd.private_key_path}\n  IdentitiesOnly yes\n  StrictHostKeyChecking yes\n"
        f"  UserKnownHostsFile {known_hosts}\n  LogLevel ERROR\n"
    )
    return _Errand(folder, config, [f"n-{number:05d}" for number in range(width)], sshd.user)
