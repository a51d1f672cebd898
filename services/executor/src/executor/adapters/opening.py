"""What is heard at a log-in before a command is told to begin."""

import asyncio
import re
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
        self._answer = re.compile(re.escape(answer) + rb"(\d+)(\r*)\n")
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
            if answer := self._answer.search(seen):
                self.has_a_terminal = bool(answer[2])
                self.has_answered, self.shell_pid = not self.has_a_terminal, int(answer[1])
                self._settled.set()

    def close(self) -> None:
        """Nothing more will come."""
        self._settled.set()

    async def settled(self) -> None:
        """Return when the shell has answered, or will not."""
        await self._settled.wait()
