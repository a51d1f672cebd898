"""One command on one SSH channel."""

import asyncio
from collections.abc import Callable
from typing import Literal

import asyncssh

from executor.adapters.feed import Feed
from executor.domain.command import Exit


class SshCommand(asyncssh.SSHClientSession[bytes]):
    """A command that is asked for, runs or has ended."""

    def __init__(
        self,
        stdin: bytes,
        *,
        may_begin: Callable[[], bool],
        on_begun: Callable[[], None],
        on_closed: Callable[[], None],
    ) -> None:
        """``on_begun`` is called when the server is asked to run it, ``on_closed`` when its channel is gone."""
        self.may_begin = may_begin
        """To be asked right before the server is."""
        self.has_begun = False
        self._stdin, self._on_begun, self._on_closed = stdin, on_begun, on_closed
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self.feed = Feed(pause=self._pause, resume=self._resume)

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        """The channel is open; the request to run the command is sent when this returns."""
        self._channel = chan
        self.has_begun = True
        self._on_begun()
        # Its standard input follows in the same breath, rather than a round trip later.
        asyncio.get_running_loop().call_soon(self._send_stdin)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """The command has printed something."""
        self.feed.received("stderr" if datatype else "stdout", data)

    def exit_status_received(self, status: int) -> None:
        """The shell has exited."""
        self.feed.exited(Exit(status=status))

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:  # noqa: ARG002 - asyncssh's signature
        """A signal has ended the shell."""
        self.feed.exited(Exit(signal=signal))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's signature
        """The channel is gone, in order or with its connection."""
        self._channel = None
        self.feed.close()
        self._on_closed()

    def signal(self, name: Literal["TERM", "KILL"]) -> None:
        """Ask the server to send a signal to the command's process group; servers may ignore that."""
        if self._channel is not None:
            self._channel.send_signal(name)

    def let_go(self) -> None:
        """Close the channel, whatever still holds it open on the other side."""
        if self._channel is not None:
            self._channel.abort()
        self.feed.close()

    def _send_stdin(self) -> None:
        if self._channel is not None and not self._channel.is_closing():
            self._channel.write(self._stdin)
            self._channel.write_eof()

    def _pause(self) -> None:
        if self._channel is not None:
            self._channel.pause_reading()

    def _resume(self) -> None:
        if self._channel is not None:
            self._channel.resume_reading()
