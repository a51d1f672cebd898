"""SSH servers for tests that are not OpenSSH."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.servers import ordinary_user, programs
from tests.servers.ports import answer, free_port
from tests.servers.process import ServerProcess, remove
from tests.servers.sources import DROPBEAR
from tests.servers.sshd import make_key

_GROUP_SHARING = Path(__file__).with_name("group_sharing.py")


class OtherSshServer:
    """A started SSH server; whoever logs in finds a shell."""

    host = "127.0.0.1"
    user = "root"
    password: str | None = None
    private_key: str | None = None

    def __init__(self) -> None:
        self.port = free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="opsimate-ssh-"))
        self._process: ServerProcess | None = None

    def start(self, command: Sequence[str | Path]) -> None:
        """Start it, and wait until it answers."""
        self._process = ServerProcess(command, directory=self.directory, log=self.directory / "log")
        self._process.wait_until(lambda: answer(self.port).startswith(b"SSH-2.0"))

    @property
    def is_there(self) -> bool:
        """Whether it still answers."""
        return answer(self.port).startswith(b"SSH-2.0")

    def close(self) -> None:
        """End it with everything that was started through it."""
        if self._process is not None:
            self._process.end()
        remove(self.directory)


class GroupSharingServer(OtherSshServer):
    """asyncssh's server, which starts commands in its own process group; they run as whoever runs the tests."""

    def __init__(self, ending: str = "") -> None:
        """`ending` is how every command ends: an exit status, or `without-status`; as it does, where left out."""
        super().__init__()
        for name in ("host_key", "id_ed25519"):
            make_key(self.directory / name)
        self.private_key = (self.directory / "id_ed25519").read_text()
        keys = self.directory / "id_ed25519.pub"
        self.start([sys.executable, _GROUP_SHARING, str(self.port), self.directory / "host_key", keys, ending])


class DropbearServer(OtherSshServer):
    """dropbear, where all commands of a connection share one process group; it knows the test user's password only."""

    def __init__(self) -> None:
        DROPBEAR.source()
        program = programs.dropbear()
        assert program is not None
        super().__init__()
        self.user, self.password = ordinary_user.NAME, ordinary_user.present_with_password()
        key = self.directory / "host_key"
        subprocess.run([program.parent.parent / "bin" / "dropbearkey", "-t", "ed25519", "-f", key], check=True)
        address, pid_file = f"{self.host}:{self.port}", self.directory / "pid"
        self.start([program, "-F", "-E", "-r", key, "-p", address, "-P", pid_file])
