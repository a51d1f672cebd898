"""What is heard of a command: at the log-in before it is told to begin, and from then on. Fed by callbacks."""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable
from typing import Literal

from executor.domain.command import Exit
from executor.domain.delivery import REFUSAL, Challenge
from executor.domain.provider import MOST_HEARD, ConnectionFailedError, readable
from executor.domain.sudo import Sudo, refusal
from shared.timers import Timer, call_after

Piece = tuple[Literal["stdout", "stderr"], bytes]

MOST_WAITING = 256 * 1024
"""How many bytes may wait to be read before the source is paused."""
QUIET = 1.0
"""Seconds without output, once the shell has exited, after which the rest is not waited for."""
LONGEST_DRAIN = 10.0
"""Seconds after the exit for which output is still taken while it keeps coming."""
_MOST_KEPT = 4 * MOST_HEARD  # in bytes of UTF-8
_LONGEST_ID = 20  # in bytes, with the end of the line
_CHALLENGE_BITS = 20  # of each number


def new_challenge() -> Challenge:
    """A challenge that nobody can have prepared for."""
    first, second = divmod(secrets.randbits(2 * _CHALLENGE_BITS), 2**_CHALLENGE_BITS)
    return Challenge(first, second)


def _nobody_knows() -> bool:
    return False


class Opening:
    """Whatever start-up files and menus print, until the shell of the command has answered its challenge.

    Nothing of it is output of the command, which has not been told to begin.
    """

    def __init__(self, answer: bytes, prompt: bytes = b"", tell_password: Callable[[], bool] = _nobody_knows) -> None:
        """``prompt`` is what asks for a password; ``tell_password`` answers, and says whether it could."""
        self.has_answered = False
        """Whether the shell of the command is there, and waits for the word to begin."""
        self.has_a_terminal = False
        """Whether it is there, but behind a terminal, which alters what passes."""
        self.shell_pid: int | None = None
        """The id that this shell told as its own."""
        self.asked = 0
        """How often it was asked for a password."""
        self._prompt, self._tell_password, self._unasked = prompt, tell_password, b""
        self._answer = answer
        self._most_missed = len(answer) + _LONGEST_ID
        self._last = self._last_error = b""
        self._heard = bytearray()
        self._settled = asyncio.Event()

    @property
    def heard(self) -> str:
        """The beginning of what was printed instead of the answer, on one line and without control characters."""
        heard = self._heard.replace(self._prompt, b" ") if self._prompt else self._heard
        return readable(heard.decode(errors="replace"))[:MOST_HEARD]

    @property
    def has_refused(self) -> bool:
        """Whether the shell has said already, before it was told anything, that nothing will reach it."""
        return self._last_error == REFUSAL

    def received(self, stream: Literal["stdout", "stderr"], data: bytes) -> None:
        """Something was printed, perhaps a part of the answer."""
        self._heard += data[: _MOST_KEPT - len(self._heard)]
        if stream == "stderr":
            self._look_for_prompt(data)
            self._last_error = (self._last_error + data)[-len(REFUSAL) :]
        else:
            seen = self._last + data
            self._last = seen[-self._most_missed :]
            for after in seen.split(self._answer)[1:]:
                line, line_end, _ = after.partition(b"\n")
                if line_end and (shell_pid := line.rstrip(b"\r")).isdigit():
                    self._settle(int(shell_pid), through_a_terminal=line.endswith(b"\r"))
                    break

    def _look_for_prompt(self, data: bytes) -> None:
        """Tell the password once. Where it is asked for again, or nobody knows it, nothing else will come."""
        if not self._prompt:
            return
        *asked, rest = (self._unasked + data).split(self._prompt)
        self._unasked = rest[1 - len(self._prompt) :]
        for _ in asked:
            self.asked += 1
            if self.asked > 1 or not self._tell_password():
                self._settled.set()

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


class CommandOutput:
    """The output of one command in the order of its arrival, with its exit."""

    def __init__(self, *, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        """``pause`` and ``resume`` hold back the source and let it go on."""
        self.exit: Exit | None = None
        """How the shell went, once it has."""
        self.closed = asyncio.Event()
        """That nothing more can come."""
        self.was_held_open = False
        """Whether the shell has exited and something else holds the output open, which is taken no longer."""
        self._pause, self._resume = pause, resume
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Piece] = deque()
        self._size = 0
        self._paused = False
        self._drains, self._drained = True, False
        self._heard_at = self._exited_at = 0.0
        self._reader: asyncio.Future[None] | None = None
        self._drain_timer: Timer | None = None

    def received(self, stream: Literal["stdout", "stderr"], data: bytes) -> None:
        """The command has printed something."""
        self._waiting.append((stream, data))
        self._size += len(data)
        if self._size > MOST_WAITING and not self._paused:
            self._paused = True
            self._pause()
        self._wake()

    def exited(self, exit_: Exit) -> None:
        """The shell has exited; output may follow, for ever where something in the background holds it open."""
        self.exit = exit_
        self._exited_at = self._heard_at = self._loop.time()
        if self._drains:
            self._drain_timer = call_after(QUIET, self._drain)

    def wait_for_the_close(self) -> None:
        """Do not let the exit of the shell be the end: it is to be seen that the rest goes, too."""
        self._drains = False

    def close(self) -> None:
        """Nothing more will come."""
        self.closed.set()
        if self._drain_timer:
            self._drain_timer.cancel()
        self._wake()

    async def next(self) -> Piece | None:
        """The next output, in pieces as large as they have become meanwhile; none when that was all."""
        while not self._waiting:
            if self.closed.is_set() or self._drained:
                return None
            self._reader = self._loop.create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        self._heard_at = self._loop.time()
        return self._take()

    def _take(self) -> Piece:
        stream, data = self._waiting.popleft()
        if self._waiting and self._waiting[0][0] == stream:
            pieces = [data]
            while self._waiting and self._waiting[0][0] == stream:
                pieces.append(self._waiting.popleft()[1])
            data = b"".join(pieces)
        self._size -= len(data)
        if self._paused and self._size <= MOST_WAITING // 2:
            self._paused = False
            self._resume()
        return stream, data

    def _drain(self) -> None:
        now = self._loop.time()
        is_quiet = not self._waiting and self._reader is not None and now - self._heard_at >= QUIET
        if is_quiet or now - self._exited_at >= LONGEST_DRAIN:
            self._drained = self.was_held_open = True
            self._wake()
        else:
            self._drain_timer = call_after(QUIET / 4, self._drain)

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


def sudo_refused(sudo: Sudo, who: str, where: str, opening: Opening, output: CommandOutput) -> ConnectionFailedError:
    """What was asked to run the command as another user has not started its shell."""
    status = output.exit.status if output.exit else None
    return refusal(sudo, who, where, asked=opening.asked, said=opening.heard, exit_status=status)
