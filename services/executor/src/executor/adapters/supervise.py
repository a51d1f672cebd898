"""Supervising a command that has begun to its end, in whatever way the provider is reached."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Literal, Protocol

from executor.adapters.output_stream import CommandOutput
from executor.domain import outcomes, processes
from executor.domain.command import CommandRequest, Ended, Findings, Shells
from executor.domain.delivery import NOT_ARRIVED, REFUSAL, TOO_LATE
from executor.domain.processes import OTHER_BOOT
from executor.domain.provider import ConnectionFailedError
from executor.domain.sudo import SudoRefusedError
from executor.ports import CancelSignal, OutputSink
from shared.commands import NO_FOLDER
from shared.timers import call_after

LAST_WORDS = 2.0
"""Seconds that a command which is gone has for its channel to close."""
LOOKING = 15.0
"""Seconds within which a look at the processes is answered, connecting included."""
LONGEST_ANSWER = 64 * 1024
"""In bytes."""
RECONNECTING = 10.0
"""Seconds for which a provider is tried again after the connection was lost."""
_REFUSALS = {
    REFUSAL: outcomes.without_input,
    f"{TOO_LATE}\n".encode(): outcomes.told_too_late,
    f"{NO_FOLDER}\n".encode(): outcomes.without_its_folder,
    f"{OTHER_BOOT}\n".encode(): outcomes.on_another_boot,
}
"""What a shell says that runs nothing of its command."""
_LONGEST_REFUSAL = 200
"""In bytes; what is longer is output."""


class RunningCommand(Protocol):
    """A command that has begun."""

    @property
    def output(self) -> CommandOutput:
        """What is heard of it."""

    @property
    def shell_pid(self) -> int | None:
        """The process id of its shell, as that told it."""

    @property
    def was_cut_off(self) -> bool:
        """Whether the way to it went, so that what came last may be missing."""

    def signal(self, name: Literal["TERM", "KILL"]) -> bool:
        """Send a signal to its process group, where that is surely its own; whether it was sent."""

    def let_go(self) -> None:
        """Hear no more of it, whether it has ended or not."""


RunScript = Callable[[str, float], Awaitable[str | None]]
"""Runs a script of the product's own on the provider, within seconds; what it printed, none where that failed."""


async def supervise(
    command: RunningCommand, request: CommandRequest, sink: OutputSink, cancelled: CancelSignal, run_script: RunScript
) -> Ended:
    """Hand on what the command prints, end it when its time is over or it is cancelled, and say how it went."""
    ending, heard = _EarlyEnding(command, request, run_script), bytearray()
    timer = call_after(request.timeout, lambda: ending.begin("timeout"))
    cancelled.call(lambda: ending.begin("cancelled"))
    try:
        while piece := await command.output.next():
            heard += piece[1][: _LONGEST_REFUSAL - len(heard)]
            await sink.write(*piece)
    except BaseException:
        ending.forget()
        raise
    finally:
        timer.cancel()
        cancelled.call_nobody()
        command.let_go()
    exit_, shell_pid = command.output.exit, command.shell_pid
    if ending.reason:
        findings = await ending.findings()
        how = outcomes.before_its_time(ending.reason, request, command.output.exit, findings)
    elif exit_ is None:
        how = await _without_an_exit(command, request, ending, run_script)
    elif exit_.status == NOT_ARRIVED and (refusal := _REFUSALS.get(bytes(heard))):
        how = refusal()
    else:
        how = outcomes.by_itself(exit_, shell_pid, has_printed=bool(heard), success=request.success)
        return replace(how, left_in_background=True) if command.output.was_held_open else how
    return replace(how, shell_pid=shell_pid)


async def _without_an_exit(
    command: RunningCommand, request: CommandRequest, ending: "_EarlyEnding", run_script: RunScript
) -> Ended:
    was_cut_off = command.was_cut_off
    if request.restarts:
        findings = Findings(readable=False)
    else:
        findings = await _look_after_a_loss(run_script, request.attempt_id, ending.shells)
    if was_cut_off:
        return outcomes.lost(findings, seconds=ending.seconds_since_begun)
    return outcomes.without_saying_how(findings)


async def end_leftovers(run_script: RunScript, attempt_ids: Sequence[str], shells: Shells, grace: float) -> Findings:
    """End what of the attempts is running on the provider, and see what is left."""
    patience = grace + processes.KILLING + LOOKING
    return processes.findings(await run_script(processes.ending_script(attempt_ids, shells, grace), patience))


async def find_leftovers(run_script: RunScript, attempt_ids: Sequence[str], shells: Shells) -> Findings:
    """See what of the attempts is running on the provider."""
    return processes.findings(await run_script(processes.looking_script(attempt_ids, shells), LOOKING))


async def find_boot(run_script: RunScript) -> str | None:
    """Which start of its machine a provider has come to."""
    return processes.boot_in(await run_script(processes.BOOT_SCRIPT, LOOKING))


async def not_begun(run_script: RunScript, failure: ConnectionFailedError) -> Ended:
    """The end of a command that could not begin; where sudo refuses, the machine is asked whether it has its user."""
    if isinstance(failure, SudoRefusedError):
        failure = failure.in_view_of(await run_script(failure.sudo.script, LOOKING))
    return outcomes.never_began(failure.reason, failure.message, is_lasting=failure.is_lasting)


async def printed(command: RunningCommand) -> str | None:
    """What a script of the product's own prints on standard output, to its end; none where it was cut off."""
    text = bytearray()
    try:
        while piece := await command.output.next():
            stream, data = piece
            text += data if stream == "stdout" and len(text) < LONGEST_ANSWER else b""
    finally:
        command.let_go()
    return None if command.was_cut_off else text.decode(errors="replace")


async def _look_after_a_loss(run_script: RunScript, attempt_id: str, shells: Shells) -> Findings:
    """What of the attempt is running, asked again for a while where the provider is away."""
    script = processes.looking_script([attempt_id], shells)
    give_up_at = asyncio.get_running_loop().time() + RECONNECTING
    while (printed := await run_script(script, LOOKING)) is None:
        if asyncio.get_running_loop().time() > give_up_at:
            break
        await asyncio.sleep(1)
    return processes.findings(printed)


class _EarlyEnding:
    """Ends a command, which begins as this is made, before its time; once, for whichever reason comes first."""

    def __init__(self, command: RunningCommand, request: CommandRequest, run_script: RunScript) -> None:
        self.reason: Literal["timeout", "cancelled"] | None = None
        self._command, self._request, self._run_script = command, request, run_script
        self._begun_at = asyncio.get_running_loop().time()
        self._task: asyncio.Task[Findings] | None = None

    def begin(self, reason: Literal["timeout", "cancelled"]) -> None:
        """Begin to end it, unless its shell has exited or it is being ended."""
        if self._task is None and self._command.output.exit is None and not self._command.output.closed.is_set():
            self.reason = reason
            self._command.output.wait_for_the_close()
            self._task = asyncio.create_task(self._end())

    @property
    def seconds_since_begun(self) -> float:
        """How long ago the command was told to begin."""
        return asyncio.get_running_loop().time() - self._begun_at

    @property
    def shells(self) -> Shells:
        """The shell of the command, as far as it is known."""
        return {} if self._command.shell_pid is None else {self._command.shell_pid: self.seconds_since_begun}

    async def findings(self) -> Findings:
        """What was left, once that is known."""
        assert self._task is not None  # noqa: S101 - asked only where there is a reason, so a task
        return await self._task

    def forget(self) -> None:
        """Leave off, as nobody follows the command any more."""
        if self._task is not None:
            self._task.cancel()

    async def _end(self) -> Findings:
        found = await end_leftovers(self._run_script, [self._request.attempt_id], self.shells, self._request.grace)
        if not found.readable:
            await self._end_by_signals()
        if not await self._closing(LAST_WORDS):
            found = replace(found, channel_open=True)
        self._command.let_go()
        return found

    async def _end_by_signals(self) -> None:
        """Where no script can be run beside the command, its own channel has to do."""
        if not self._command.signal("TERM"):
            return
        if not await self._closing(self._request.grace):
            self._command.signal("KILL")

    async def _closing(self, within: float) -> bool:
        try:
            async with asyncio.timeout(within):
                await self._command.output.closed.wait()
        except TimeoutError:
            return False
        return True
