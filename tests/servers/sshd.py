"""OpenSSH's server for tests: a provider to log in to."""

import contextlib
import getpass
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from tests.servers import ordinary_user, programs
from tests.servers.ports import answer, free_port
from tests.servers.process import ServerProcess, remove
from tests.servers.sources import SSHD, ServerMissing

_PENALTIES_SINCE = (9, 8)
"""The version of OpenSSH that began to shut addresses out; older ones refuse the word."""


class SshServer:
    """A started sshd with a host key, a port and authorised keys of its own.

    Its methods block for a moment; commands that were started through it live on when connections are
    dropped or it is stopped, as on any machine, and end with `close`.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        *,
        max_sessions: int = 10,
        max_startups: int = 100,
        accept_env: str = "LANG LC_*",
        penalties: bool = False,
        options: Mapping[str, str] | None = None,
        own_machine: bool = False,
        machine: Sequence[str] = (),
    ) -> None:
        """Start it; `ServerMissing` where there is none.

        `max_sessions` is for one connection (10 is OpenSSH's default), `max_startups` how many may log in
        at once, `accept_env` which variables a client may set (Debian's default; empty for none), `penalties`
        whether an address is shut out for a while after it came without logging in (the default from OpenSSH 9.8
        on, where it would shut out every test), and `options` any other lines of sshd_config, which win. With
        `own_machine` it is the first process of a world of processes of its own, as in a container: that can be
        restarted as a machine is; `machine` is what starts it on a machine of another kind, see `machine.py`.
        """
        SSHD.source()
        found = programs.sshd()
        assert found is not None
        self._sshd = found
        self._machine = [*machine]
        self._world = _own_world() if own_machine else self._machine
        self.port = free_port()
        self.user = getpass.getuser()
        """Whom to log in as: an ordinary user, where we are root or not."""
        self.password: str | None = None
        """The password of `user`, where it is known: it is when the tests run as root."""
        self.users = [self.user]
        """All who may log in with the key; where the tests run as root, `root` is among them."""
        if os.geteuid() == 0:
            self.user, self.password = ordinary_user.NAME, ordinary_user.present_with_password()
            self.users = [self.user, "root"]
        self._directory = _open_directory()
        self.private_key_path = self._directory / "id_ed25519"
        make_key(self.private_key_path)
        lines: dict[str, object] = {"MaxSessions": max_sessions, "MaxStartups": max_startups}
        if accept_env:
            lines["AcceptEnv"] = accept_env
        if not penalties and programs.sshd_version(self._sshd) >= _PENALTIES_SINCE:
            lines["PerSourcePenalties"] = "no"
        self._configure({**lines, **self._helpers(), **(options or {})})
        self._processes: list[ServerProcess] = []
        self.rotate_host_key()

    def start(self) -> None:
        """Listen again, at the same port."""
        command: list[str | Path] = [*self._world, self._sshd, "-D", "-e", "-f", self._directory / "sshd_config"]
        process = ServerProcess(
            command,
            directory=self._directory,
            log=self._log,
            environment={"SERVER_DIRECTORY": str(self._directory)},
        )
        self._processes.append(process)
        process.wait_until(lambda: answer(self.port).startswith(b"SSH-2.0"))

    def stop(self) -> None:
        """Listen no more and drop the connections: the provider cannot be reached."""
        self.stop_listening()
        self.drop_connections()

    def stop_listening(self) -> None:
        """Take no new connection; those that are there stay."""
        self._processes[-1].stop()

    def drop_connections(self) -> None:
        """End every connection at once, without a word to its client; new ones are welcome."""
        looks_without = 0
        while looks_without < 2:  # sshd may be forking while it is killed, so one look can miss the child
            found = self._connections()
            looks_without = 0 if found else looks_without + 1
            for process in found:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            time.sleep(0.05)

    def restart_machine(self) -> None:
        """End every process of its machine at once, and start it anew; `own_machine` only."""
        self.halt_machine()
        self.start()

    def halt_machine(self) -> None:
        """End every process of its machine at once; `own_machine` only."""
        assert self._world
        for process in psutil.Process(self._processes[-1].guard_pid).children():
            for first in process.children():
                first.kill()
        self._processes[-1].stop()

    def rotate_host_key(self) -> None:
        """Show a new host key from now on, as a machine installed anew does; connections are dropped."""
        if self._processes:
            self.stop()
        make_key(self._host_key)
        self.start()

    def close(self) -> None:
        """End it with all connections and all commands that were started through it."""
        for process in self._processes:
            process.end()
        remove(self._directory)

    @property
    def private_key(self) -> str:
        """The key that every one of `users` may log in with, in OpenSSH's format, without a passphrase."""
        return self.private_key_path.read_text()

    @property
    def host_key(self) -> str:
        """The public host key, as it stands in known_hosts: type and base64."""
        return self._host_key.with_suffix(".pub").read_text().strip()

    @property
    def host_key_fingerprint(self) -> str:
        """`SHA256:…` of the host key."""
        shown = subprocess.run(["ssh-keygen", "-lf", self._host_key], check=True, capture_output=True, text=True)
        return shown.stdout.split()[1]

    @property
    def log(self) -> str:
        """What sshd has logged since the first start, at level VERBOSE."""
        return self._log.read_text(errors="replace")

    @property
    def _host_key(self) -> Path:
        return self._directory / "host_key"

    @property
    def _log(self) -> Path:
        return self._directory / "sshd.log"

    @property
    def _pid_file(self) -> Path:
        """There while sshd listens."""
        return self._directory / "pid"

    def _connections(self) -> list[psutil.Process]:
        """The processes that serve connections. New OpenSSH calls them sshd-session; none is a shell command."""
        listener = int(self._pid_file.read_text()) if self._pid_file.exists() else None
        found = []
        for started in self._processes:
            for process in psutil.Process(started.guard_pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    ended = process.status() == psutil.STATUS_ZOMBIE
                    if process.name().startswith("sshd") and process.pid != listener and not ended:
                        found.append(process)
        return found

    def _helpers(self) -> dict[str, object]:
        """The programs that a new sshd hands connections to, where they lie beside it and not in their usual place."""
        helpers = {"SshdSessionPath": "sshd-session", "SshdAuthPath": "sshd-auth"}
        paths = {option: self._sshd.with_name(name) for option, name in helpers.items()}
        return {option: path for option, path in paths.items() if path.exists()}

    def _configure(self, options: Mapping[str, object]) -> None:
        lines = {
            "Port": self.port,
            "ListenAddress": self.host,
            "HostKey": self._host_key,
            "PidFile": self._pid_file,
            "AuthorizedKeysFile": self.private_key_path.with_suffix(".pub"),
            "AllowUsers": " ".join(self.users),
            "PermitRootLogin": "prohibit-password",
            "PasswordAuthentication": "yes" if self.password else "no",
            "KbdInteractiveAuthentication": "no",
            "UsePAM": "no",  # it would need root
            "StrictModes": "no",  # the keys lie in a temporary directory
            "AllowTcpForwarding": "yes",
            "PrintMotd": "no",
            "LogLevel": "VERBOSE",
            **options,
        }
        text = "".join(f"{name} {value}\n" for name, value in lines.items())
        # What root keeps at home on this machine is read by bash before each command, and is no part of a test.
        home = f"Match User root\nSetEnv HOME={self._directory}\n" if "root" in self.users and not self._machine else ""
        (self._directory / "sshd_config").write_text(text + home)


def _own_world() -> list[str]:
    """What gives a server process ids of its own; its commands end with it."""
    world = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
    if shutil.which("unshare") is None or subprocess.run([*world, "true"], check=False, capture_output=True).returncode:
        raise ServerMissing("A machine of its own needs root's rights on Linux, and unshare of util-linux.")
    return world


def _open_directory() -> Path:
    """A temporary folder that every user may enter: sshd reads authorised keys as the one who logs in."""
    directory = Path(tempfile.mkdtemp(prefix="opsimate-sshd-"))
    directory.chmod(0o755)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # it does not start as root without
    return directory


def make_key(path: Path) -> None:
    """Write a new key without a passphrase, and its public half beside it."""
    path.unlink(missing_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True)
