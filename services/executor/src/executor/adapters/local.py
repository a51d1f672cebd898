"""The machine that the executor itself runs on, as a host."""

import asyncio
import contextlib
import errno
import functools
import os
import pwd
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, cast

from executor.adapters.output_stream import CommandOutput, Opening, new_challenge, sudo_refused
from executor.adapters.supervise import LOOKING, end_leftovers, find_boot, find_leftovers, not_begun, printed, supervise
from executor.domain import outcomes
from executor.domain.command import DEFAULT_GRACE, CommandRequest, Ended, Exit, Findings, Shells
from executor.domain.delivery import Delivery, deliver, deliver_script
from executor.domain.provider import ConnectionFailedError
from executor.domain.sudo import Sudo
from executor.ports import CancelSignal, OutputSink
from shared.contracts.provider import ProviderTestReport
from shared.descriptors import give_usual_limit, is_shortage

_SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_STREAMS: Mapping[int, Literal["stdout", "stderr"]] = {1: "stdout", 2: "stderr"}
_NOT_ALLOWED = (
    "Commands on the executor's own machine are off: an administrator turns them on with OPSIMATE_ALLOW_LOCAL=true."
)


class LocalHost:
    """Runs commands as the user that the executor runs as, but not with its environment, which holds secrets."""

    def __init__(self, *, allowed: bool) -> None:
        """``allowed`` is the administrator's word."""
        self._allowed = allowed
        with contextlib.suppress(OSError):  # else it is told of every command
            _account()

    async def run(
        self,
        request: CommandRequest,
        sink: OutputSink,
        *,
        on_started: Callable[[], None],
        cancelled: CancelSignal,
        may_begin: Callable[[], bool],
    ) -> Ended:
        """Run the command once, at most, and follow it to its end."""
        if not self._allowed:
            return outcomes.never_began("not_allowed", _NOT_ALLOWED)
        if cancelled.is_set():
            return outcomes.cancelled_before_it_began()
        try:
            command = await _open(deliver(request, new_challenge()))
        except OSError as error:
            if is_shortage(error):
                raise
            return outcomes.never_began("misconfigured", f"{request.shell} cannot be started here ({error.strerror}).")
        except ConnectionFailedError as failure:
            return await not_begun(_run_script, failure)
        if not may_begin():
            command.let_go()
            return outcomes.given_up_before_it_began()
        on_started()
        command.begin()
        return await supervise(command, request, sink, cancelled, partial(_run_script, sudo=request.sudo))

    async def end_leftovers(self, attempt_ids: Sequence[str], shells: Shells, sudo: Sudo | None = None) -> Findings:
        """End what is still running of earlier attempts, and see what is left."""
        return await end_leftovers(partial(_run_script_unless_short, sudo=sudo), attempt_ids, shells, DEFAULT_GRACE)

    async def find_leftovers(self, attempt_ids: Sequence[str], shells: Shells, sudo: Sudo | None = None) -> Findings:
        """Say what is still running of earlier attempts."""
        return await find_leftovers(partial(_run_script_unless_short, sudo=sudo), attempt_ids, shells)

    async def boot(self) -> str | None:
        """Which start of the machine this is."""
        return await find_boot(_run_script)

    async def test(self) -> ProviderTestReport:
        """Run a command that does nothing, and say how that went."""
        if not self._allowed:
            return ProviderTestReport(ok=False, reason="not_allowed", message=_NOT_ALLOWED)
        asked_at = time.monotonic()
        if await _run_script(":", LOOKING) is None:
            message = "No shell can be started on the executor's own machine: check that sh and cat are there."
            return ProviderTestReport(ok=False, reason="misconfigured", message=message)
        latency_ms = round((time.monotonic() - asked_at) * 1000, 3)
        user = _account().pw_name
        return ProviderTestReport(
            ok=True, latency_ms=latency_ms, message=f"Commands run as {user} on the executor's own machine."
        )


class _LocalCommand(asyncio.SubprocessProtocol):
    """A command in a session of its own, heard of through pipes."""

    was_cut_off = False
    """There is no connection that could go."""

    def __init__(self, delivery: Delivery) -> None:
        self.opening = Opening(delivery.answer, delivery.prompt, self._tell_password)
        self.output = CommandOutput(pause=self._pause, resume=self._resume)
        self._stdin, self._password = delivery.stdin, delivery.password
        self._has_begun = False
        self._transport: asyncio.SubprocessTransport | None = None

    @property
    def shell_pid(self) -> int | None:
        """The process id of its shell, as that told it."""
        return self.opening.shell_pid

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)
        give_usual_limit(self._transport.get_pid())

    def begin(self) -> None:
        """Tell the shell to begin."""
        self._has_begun = True
        self._input.write(self._stdin)
        self._input.write_eof()

    @property
    def _input(self) -> asyncio.WriteTransport:
        assert self._transport is not None  # noqa: S101 - it was started
        return cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))

    def _tell_password(self) -> bool:
        """Answer sudo, if that can be done."""
        if self._password is not None:
            self._input.write(self._password)
        return self._password is not None

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if self._has_begun:
            self.output.received(_STREAMS[fd], data)
        else:
            self.opening.received(_STREAMS[fd], data)

    def process_exited(self) -> None:
        status = self._transport.get_returncode() if self._transport else None
        self.output.exited(_exit(status or 0))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """The process has exited and its pipes are closed."""
        self.opening.close()
        self.output.close()

    def signal(self, name: Literal["TERM", "KILL"]) -> bool:
        """Send a signal to the process group, which is the command's own; whether there was still a shell in it."""
        if self._transport is None or self._transport.get_returncode() is not None:
            return False
        with contextlib.suppress(PermissionError):  # sudo runs as root
            os.killpg(self._transport.get_pid(), getattr(signal, f"SIG{name}"))
        return True

    def let_go(self) -> None:
        """Close the pipes, whoever holds their other ends."""
        if self._transport is not None:
            self._transport.close()
        self.output.close()

    def _pause(self) -> None:
        for pipe in self._readers():
            pipe.pause_reading()

    def _resume(self) -> None:
        for pipe in self._readers():
            if not pipe.is_closing():
                pipe.resume_reading()

    def _readers(self) -> list[asyncio.ReadTransport]:
        assert self._transport is not None  # noqa: S101 - output comes through it
        return [cast(asyncio.ReadTransport, self._transport.get_pipe_transport(fd)) for fd in _STREAMS]


def _exit(returncode: int) -> Exit:
    if returncode < 0:
        return Exit(signal=signal.Signals(-returncode).name.removeprefix("SIG"))
    return Exit(status=returncode)


async def _open(delivery: Delivery) -> _LocalCommand:
    """Start the shell of a command, and return once it waits to be told to begin."""
    _, command = await asyncio.get_running_loop().subprocess_exec(
        lambda: _LocalCommand(delivery),
        *delivery.words,
        env={**_plain_environment(), **delivery.environment},
        cwd=_home(),
        start_new_session=True,
    )
    try:
        await command.opening.settled()
    except asyncio.CancelledError:
        command.let_go()
        raise
    if not command.opening.has_answered:
        command.let_go()
        if delivery.sudo is not None:
            raise sudo_refused(
                delivery.sudo, _account().pw_name, "the executor's own machine", command.opening, command.output
            )
        raise OSError(errno.ENOEXEC, "it ended at once")
    return command


async def _run_script(script: str, within: float, sudo: Sudo | None = None) -> str | None:
    try:
        return await _run_script_unless_short(script, within, sudo)
    except OSError:
        return None


async def _run_script_unless_short(script: str, within: float, sudo: Sudo | None = None) -> str | None:
    """The same before a command is begun: there, what is short is no finding, but a reason to try later."""
    try:
        async with asyncio.timeout(within):
            command = await _open(deliver_script(script, new_challenge(), sudo))
            command.begin()
            return await printed(command)
    except (TimeoutError, ConnectionFailedError):
        return None
    except OSError as error:
        if is_shortage(error):
            raise
        return None


@functools.cache
def _account() -> pwd.struct_passwd:
    """The account that commands run as; ``OSError`` where there is none.

    It is looked up once, at the start: a process that has no descriptor left cannot.
    """
    try:
        return pwd.getpwuid(os.getuid())
    except KeyError as error:
        message = f"the executor's user id {os.getuid()} has no account"
        raise OSError(errno.ENOENT, message) from error


def _plain_environment() -> dict[str, str]:
    """What a log-in would give, and nothing of the executor's own environment."""
    account = _account()
    return {
        "PATH": _SEARCH_PATH,
        "HOME": account.pw_dir,
        "USER": account.pw_name,
        "LOGNAME": account.pw_name,
        "SHELL": account.pw_shell or "/bin/sh",
        "LANG": os.environ.get("LANG", "C.UTF-8"),
    }


def _home() -> str:
    home = _account().pw_dir
    return home if Path(home).is_dir() else "/"
