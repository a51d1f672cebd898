"""A server program run for a test, under its guard."""

import contextlib
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_GUARD = (
    sys.executable,
    *(["-I", "-S"] if sys.platform == "linux" else ["-P"]),
    str(Path(__file__).with_name("guard.py")),
)
"""It starts in half the time without what is installed, which it needs elsewhere."""


class ServerFailed(Exception):  # noqa: N818 - says what happened, with the server's log
    """A server did not start or end as it should; the text holds the end of its log."""


class ServerProcess:
    """One start of a server program. It ends with this process, at the latest."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        directory: Path,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._name = Path(command[0]).name
        self._log = log
        with log.open("ab") as errors:
            self._guard = subprocess.Popen(
                [*_GUARD, directory, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **(environment or {})},
                start_new_session=True,  # Ctrl-C reaches the tests, which then end their servers
            )

    @property
    def guard_pid(self) -> int:
        """The process below which all of the server's processes are."""
        return self._guard.pid

    def wait_until(self, ready: Callable[[], bool], *, within: float = 60) -> None:
        """Return when the server is ready; `ServerFailed`, with its log, when it exits or takes too long."""
        deadline = time.monotonic() + within
        while not ready():
            if self._has_exited(0.05):
                self.end()
                raise ServerFailed(f"{self._name} ended at its start. {self._end_of_log()}")
            if time.monotonic() > deadline:
                self.end()
                raise ServerFailed(f"{self._name} was not ready in {within:.0f} s. {self._end_of_log()}")

    def stop(self, *, within: float = 30) -> None:
        """Ask the server to end and wait until it has; what it left behind lives on until `end`."""
        self._tell("stop")
        if not self._has_exited(within):
            self.end()
            raise ServerFailed(f"{self._name} did not stop in {within:.0f} s. {self._end_of_log()}")

    def end(self) -> None:
        """Kill the server and all that it has started. To end twice is fine."""
        if self._guard.returncode is None:
            self._tell("end")
            self._guard.communicate()

    def _tell(self, word: str) -> None:
        assert self._guard.stdin is not None
        self._guard.stdin.write(f"{word}\n".encode())
        self._guard.stdin.flush()

    def _has_exited(self, within: float) -> bool:
        """Whether the server has exited; it is asked until the answer is yes, and never again."""
        assert self._guard.stdout is not None
        readable, _, _ = select.select([self._guard.stdout], [], [], within)
        return bool(readable)

    def _end_of_log(self) -> str:
        return f"The end of {self._log}:\n" + self._log.read_text(errors="replace")[-3000:]


def remove(directory: Path) -> None:
    """Remove the folder of a server that has ended. To remove it twice is fine."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(directory)
