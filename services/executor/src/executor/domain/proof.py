"""The proof that a shell was started for a command, asked for before anything of the command is told to it.

What answers at a log-in need not be a shell: menus, ``nologin``, a forced command, or another shell that the
start-up files turned into. All of them can exit with 0. So the shell has to work something out first, and waits for
a word on standard input. Only where the answer has been heard does anything begin.
"""

from dataclasses import dataclass

_WORD = "opsimate-shell-"

GO = "go"
"""The word before a script that is a line: a shell runs no line without it."""


@dataclass(frozen=True)
class Challenge:
    """Two numbers, drawn anew for each command. Who merely repeats the line does not print their sum."""

    first: int
    second: int

    @property
    def question(self) -> str:
        """Shell text that prints the answer; no process is started for it."""
        return f"echo {_WORD}$(({self.first}+{self.second})).$$"

    @property
    def answer(self) -> bytes:
        """What only a shell prints; the id of its process and the end of the line follow."""
        return f"{_WORD}{self.first + self.second}.".encode()
