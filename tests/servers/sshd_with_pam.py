"""OpenSSH's server asking PAM, whose rules are the test's own: the machine's are hidden from it, not changed."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.servers import ordinary_user, programs
from tests.servers.ports import answer
from tests.servers.process import ServerProcess, remove
from tests.servers.sshd import SshServer

_HIDE_AND_RUN = 'mount --bind "$1" /etc/pam.d && mount --bind "$2" /etc/shadow && shift 2 && exec "$@"'
_DAY_OF_EXPIRY = 7
"""Which field of a line of /etc/shadow it is."""


class SshServerWithPam(SshServer):
    """A started sshd with `UsePAM yes`; needs root, and mount namespaces."""

    def __init__(self, rules: str, *, options: Mapping[str, str] | None = None, account_expired: bool = False) -> None:
        """`rules` are the lines of PAM's configuration."""
        self._rules = Path(tempfile.mkdtemp(prefix="opsimate-pam-"))
        (self._rules / "sshd").write_text(rules)
        ordinary_user.present_with_password()
        lines = [line.split(":") for line in Path("/etc/shadow").read_text().splitlines()]
        for line in lines:
            if account_expired and line[0] == ordinary_user.NAME:
                line[_DAY_OF_EXPIRY] = "1"
        shadow = self._rules / "shadow"
        shadow.touch(mode=0o600)
        shadow.write_text("".join(":".join(line) + "\n" for line in lines))
        super().__init__(options={"UsePAM": "yes", "PasswordAuthentication": "no", **(options or {})})

    @staticmethod
    def is_possible() -> bool:
        """Whether this machine lets us."""
        if os.geteuid() != 0 or programs.sshd() is None:
            return False
        tried = subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True)
        return tried.returncode == 0

    def start(self) -> None:
        """Listen again, at the same port."""
        sshd = programs.sshd()
        assert sshd is not None
        hidden = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _HIDE_AND_RUN, "sh"]
        command: list[str | Path] = [*hidden, self._rules, self._rules / "shadow"]
        command += [sshd, "-D", "-e", "-f", self._directory / "sshd_config"]
        process = ServerProcess(command, directory=self._directory, log=self._log)
        self._processes.append(process)
        process.wait_until(lambda: answer(self.port).startswith(b"SSH-2.0"))

    def close(self) -> None:
        """End it with all connections and all commands that were started through it."""
        super().close()
        remove(self._rules)
