"""One command on one SSH channel, and what a log-in may do instead of running it."""

import asyncio
from collections.abc import Callable
from typing import Literal

import asyncssh
from asyncssh.connection import SSHConnection
from asyncssh.packet import SSHPacket

from executor.adapters.output_stream import QUIET, CommandOutput, Opening
from executor.adapters.ssh_client import log_no_packets
from executor.domain.command import Exit
from executor.domain.delivery import REFUSAL, Delivery
from executor.domain.outcomes import NO_INPUT
from executor.domain.provider import ConnectionFailedError, SshProvider

_HANDLER = "_process_exit_status_request"
"""An exit status of SSH has 32 bits (RFC 4254, 6.10), and a server that is no Unix sends more than eight. asyncssh
(seen in 2.24.1) keeps the lowest eight only, so that a failure with 256 reads as success. The channel looks its
handlers up by their names, so one channel can be given another, which reads the number first and is otherwise
asyncssh's own."""


def _hear_whole_exit_status(channel: asyncssh.SSHClientChannel[bytes], hear: Callable[[int], None]) -> None:
    """Have ``hear`` called with the exit status as it was sent, right before the session hears what asyncssh made."""
    original: Callable[[SSHPacket], bool] = getattr(channel, _HANDLER)

    def handler(packet: SSHPacket) -> bool:
        hear(int.from_bytes(packet.get_remaining_payload()[:4], "big"))
        return original(packet)

    setattr(channel, _HANDLER, handler)


class SshCommand(asyncssh.SSHClientSession[bytes]):
    """A command whose shell is asked for, waits for the word to begin, runs or has ended."""

    def __init__(self, delivery: Delivery, *, on_closed: Callable[[], None]) -> None:
        """``on_closed`` is called when its channel is gone."""
        self.sudo = delivery.sudo
        """As whom its shell is to run, where that is not the user who logs in."""
        self.is_open = False
        """Whether there is, or was, a channel."""
        self.opening = Opening(delivery.answer, delivery.prompt, self._tell_password)
        self.output = CommandOutput(pause=self._pause, resume=self._resume)
        self._stdin, self._password, self._on_closed = delivery.stdin, delivery.password, on_closed
        self._has_begun = False
        self._exit_status: int | None = None
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._connection: SSHConnection | None = None
        self._lost = False

    @property
    def can_begin(self) -> bool:
        """Whether the shell of the command is there and can be told to begin."""
        has_channel = self._channel is not None and not self._channel.is_closing()
        return self.opening.has_answered and self.output.exit is None and has_channel

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
        if self.opening.has_refused:  # it arrived with the answer, and its exit status may still be on its way
            self.output.received("stderr", REFUSAL)
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
        log_no_packets(chan)
        _hear_whole_exit_status(chan, self._hear_exit_status)

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Something was printed: by the command only if it was told to begin."""
        stream: Literal["stdout", "stderr"] = "stderr" if datatype else "stdout"
        if self._has_begun:
            self.output.received(stream, data)
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
        self.output.close()
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
        self.output.close()

    def _tell_password(self) -> bool:
        """Answer sudo, if that can be done."""
        if self._password is None or self._channel is None:
            return False
        self._channel.write(self._password)
        return True

    def _hear_exit_status(self, status: int) -> None:
        self._exit_status = status

    def _exited(self, exit_: Exit) -> None:
        self.output.exited(exit_)
        if not self._has_begun:
            # Whatever answered is gone; what it printed may still be on its way.
            asyncio.get_running_loop().call_later(QUIET, self.opening.close)

    def _pause(self) -> None:
        if self._channel is not None:
            self._channel.pause_reading()

    def _resume(self) -> None:
        if self._channel is not None:
            self._channel.resume_reading()


class StaleConnectionError(Exception):
    """The connection was not there any more; the command was surely not begun."""


class LostAtStartError(Exception):
    """The connection went before the shell of the command had answered; the command was surely not begun."""


class NoAnswerError(Exception):
    """No shell of the command has answered, but something else has ended; the command was surely not begun."""


class NoInputError(Exception):
    """The shell of the command has found its standard input empty; the command was surely not begun."""


class TerminalError(Exception):
    """The shell of the command has answered through a terminal; the command was surely not begun."""


class SlowStartError(Exception):
    """No shell of the command has answered in time; the command was surely not begun, and will not be."""


class SessionRefusedError(Exception):
    """The server opens no further session on this connection; the command was surely not begun."""


class CommandRefusedError(Exception):
    """The server opened a session but would not run a command in it."""


class TooLateError(Exception):
    """The shell was about to be told when the command was not to be begun any more; it was surely not begun."""


def no_session(provider: SshProvider, told: str) -> ConnectionFailedError:
    """The server opens no session, or runs nothing in it."""
    message = (
        f"{provider.address} let {provider.user} in but opens no session ({told}): "
        "check MaxSessions and ForceCommand in its sshd_config, and the user's login shell."
    )
    return ConnectionFailedError("no_session", message)


def no_shell(provider: SshProvider, banner: str, printed: str, exit_: Exit | None) -> ConnectionFailedError:
    """Something ended that was no shell of the command."""
    said = "; ".join(f'"{text}"' for text in (banner, printed) if text)
    instead = f"It said {said}, and ended {_how(exit_)}." if said else f"It printed nothing, and ended {_how(exit_)}."
    message = (
        f"The log-in of {provider.user} on {provider.address} runs no shell commands. {instead} "
        "Check the user's login shell and whether its start-up files turn into another one (exec), whether the account "
        "or its password has expired, and ForceCommand in sshd_config and command= in authorized_keys."
    )
    return ConnectionFailedError("no_session", message, is_lasting=True)


def no_input() -> ConnectionFailedError:
    """The shell of the command found its standard input at its end before it was told anything."""
    return ConnectionFailedError("no_session", NO_INPUT, is_lasting=True)


def terminal(provider: SshProvider) -> ConnectionFailedError:
    """The shell is behind a terminal, which would repeat the script in the output and cut off its long lines."""
    message = (
        f"The log-in of {provider.user} on {provider.address} puts a terminal between (as script, screen and expect "
        "do), which alters what passes. Let commands run without one: check ForceCommand in sshd_config, command= in "
        "authorized_keys, and the start-up files of the user's login shell."
    )
    return ConnectionFailedError("no_session", message, is_lasting=True)


def slow_start(provider: SshProvider, seconds: float, printed: str) -> ConnectionFailedError:
    """The shell of the command did not answer in time."""
    said = f' They printed "{printed}".' if printed else ""
    message = (
        f"The start-up files of the login shell of {provider.user} on {provider.address} took longer than "
        f"{seconds:g} s, or wait for input.{said} Make them end at once where nobody sits at a terminal."
    )
    return ConnectionFailedError("timed_out", message)


def lost_at_start(provider: SshProvider, printed: str) -> ConnectionFailedError:
    """The connection went again and again while the shell of the command was starting."""
    said = f', after it had printed "{printed}"' if printed else ""
    message = (
        f"{provider.address} ended the connection while the shell of {provider.user} was starting{said}: "
        "look at the user's start-up files, and in the log of its SSH server."
    )
    return ConnectionFailedError("disconnected", message)


def _how(exit_: Exit | None) -> str:
    if exit_ is None:
        return "without an exit status"
    return f"by the signal {exit_.signal}" if exit_.signal else f"with exit status {exit_.status}"
