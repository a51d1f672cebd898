"""One command on one SSH channel."""

import asyncio
from collections.abc import Callable
from typing import Literal

import asyncssh
from asyncssh.connection import SSHConnection

from executor.adapters.feed import QUIET, OutputFeed
from executor.adapters.opening import Opening
from executor.adapters.ssh_exit_status import hear_whole_exit_status
from executor.domain.command import Exit
from executor.domain.script import Delivery


class SshCommand(asyncssh.SSHClientSession[bytes]):
    """A command whose shell is asked for, waits for the word to begin, runs or has ended."""

    def __init__(self, delivery: Delivery, *, on_closed: Callable[[], None]) -> None:
        """``on_closed`` is called when its channel is gone."""
        self.is_open = False
        """Whether there is, or was, a channel."""
        self.opening = Opening(delivery.answer)
        self.feed = OutputFeed(pause=self._pause, resume=self._resume)
        self._stdin, self._on_closed = delivery.stdin, on_closed
        self._has_begun = False
        self._exit_status: int | None = None
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._connection: SSHConnection | None = None
        self._lost = False

    @property
    def can_begin(self) -> bool:
        """Whether the shell of the command is there and can be told to begin."""
        has_channel = self._channel is not None and not self._channel.is_closing()
        return self.opening.has_answered and self.feed.exit is None and has_channel

    @property
    def shell_pid(self) -> int | None:
        """The process id of its shell, as that told it."""
        return self.opening.shell_pid

    @property
    def was_cut_off(self) -> bool:
        """Whether its connection went, rather than its channel alone."""
        return self._lost or (self._connection is not None and self._connection.is_closed())

    def begin(self) -> None:
        """Tell its shell to begin."""
        assert self._channel is not None  # noqa: S101 - it can begin
        self._has_begun = True
        self._channel.write(self._stdin)
        self._channel.write_eof()

    def end_input(self) -> None:
        """Let whatever reads standard input come to its end; the command can no longer be told to begin."""
        if self._channel is not None and not self._channel.is_closing():
            self._channel.write_eof()

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """The channel is open; the request to run the line is sent when this returns."""
        self.is_open = True
        self._channel, self._connection = chan, chan.get_connection()
        hear_whole_exit_status(chan, self._hear_exit_status)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Something was printed: by the command only if it was told to begin."""
        stream: Literal["stdout", "stderr"] = "stderr" if datatype else "stdout"
        if self._has_begun:
            self.feed.received(stream, data)
        else:
            self.opening.received(stream, data)

    def exit_status_received(self, status: int) -> None:  # noqa: ARG002 - asyncssh's signature
        """The shell has exited; asyncssh's number is cut off, see there."""
        self._exited(Exit(status=self._exit_status))

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:  # noqa: ARG002 - asyncssh's signature
        """A signal has ended the shell."""
        self._exited(Exit(signal=signal))

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone, in order or with its connection."""
        self._channel, self._lost = None, exc is not None
        self.opening.close()
        self.feed.close()
        self._on_closed()

    def signal(self, name: Literal["TERM", "KILL"]) -> bool:
        """Ask the server to signal the command's process group, if that is the command's own; whether it was asked.

        It is under OpenSSH; other servers would signal the commands beside it, or themselves.
        """
        if self._channel is None or self._connection is None:
            return False
        if "OpenSSH" not in self._connection.get_extra_info("server_version", ""):
            return False
        self._channel.send_signal(name)
        return True

    def let_go(self) -> None:
        """Close the channel, whatever still holds it open on the other side."""
        if self._channel is not None:
            self._channel.abort()
        self.feed.close()

    def _hear_exit_status(self, status: int) -> None:
        self._exit_status = status

    def _exited(self, exit_: Exit) -> None:
        self.feed.exited(exit_)
        if not self._has_begun:
            # Whatever answered is gone; what it printed may still be on its way.
            asyncio.get_running_loop().call_later(QUIET, self.opening.close)

    def _pause(self) -> None:
        if self._channel is not None:
            self._channel.pause_reading()

    def _resume(self) -> None:
        if self._channel is not None:
            self._channel.resume_reading()
