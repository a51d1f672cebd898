"""What is heard at a log-in before a command is told to begin."""

import asyncio
import secrets
from typing import Literal

from executor.domain.heard import MOST_HEARD, readable
from executor.domain.proof import Challenge

_MOST_KEPT = 4 * MOST_HEARD  # in bytes of UTF-8
_LONGEST_ID = 20  # in bytes, with the end of the line


def new_challenge() -> Challenge:
    """A challenge that nobody can have prepared for."""
    return Challenge(secrets.randbelow(1_000_000), secrets.randbelow(1_000_000))


class Opening:
    """Whatever start-up files and menus print, until the shell of the command has answered its challenge.

    Nothing of it is output of the command, which has not been told to begin.
    """

    def __init__(self, answer: bytes) -> None:
        self.has_answered = False
        """Whether the shell of the command is there, and waits for the word to begin."""
        self.has_a_terminal = False
        """Whether it is there, but behind a terminal, which alters what passes."""
        self.shell_pid: int | None = None
        """The id that this shell told as its own."""
        self._answer = answer
        self._most_missed = len(answer) + _LONGEST_ID
        self._last = b""
        self._heard = bytearray()
        self._settled = asyncio.Event()

    @property
    def heard(self) -> str:
        """The beginning of what was printed instead of the answer, on one line and without control characters."""
        return readable(self._heard.decode(errors="replace"))[:MOST_HEARD]

    def received(self, stream: Literal["stdout", "stderr"], data: bytes) -> None:
        """Something was printed, perhaps a part of the answer."""
        self._heard += data[: _MOST_KEPT - len(self._heard)]
        if stream == "stdout":
            seen = self._last + data
            self._last = seen[-self._most_missed :]
            for after in seen.split(self._answer)[1:]:
                line, line_end, _ = after.partition(b"\n")
                if line_end and (shell_pid := line.rstrip(b"\r")).isdigit():
                    self._settle(int(shell_pid), through_a_terminal=line.endswith(b"\r"))
                    break

    def _settle(self, shell_pid: int, *, through_a_terminal: bool) -> None:
        self.has_a_terminal, self.has_answered = through_a_terminal, not through_a_terminal
        self.shell_pid = shell_pid
        self._settled.set()

    def close(self) -> None:
        """Nothing more will come."""
        self._settled.set()

    async def settled(self) -> None:
        """Return when the shell has answered, or will not."""
        await self._settled.wait()
