"""Builders of shell commands, and what takes their output."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from executor.domain.command import CommandRequest, Ended, command_request
from executor.domain.sudo import Sudo
from executor.ports import CancelSignal, Host
from shared.clock import new_id
from shared.contracts.action import Shell
from shared.contracts.attempt import Attempt, attempt_id
from tests.builders import NOON


def a_request(
    command: str,
    values: Mapping[str, str] | None = None,
    *,
    shell: Shell = "sh",
    timeout: float = 60.0,
    grace: float = 5.0,
    sudo: Sudo | None = None,
) -> CommandRequest:
    """A command with its values, as an attempt of its own."""
    run_id = new_id()
    return command_request(
        attempt_id(run_id, 0, 0, 1),
        command,
        values or {},
        run_id=run_id,
        action="restart",
        step="only",
        provider="web-1",
        timeout=timeout,
        shell=shell,
        grace=grace,
        sudo=sudo,
    )


def an_attempt(*, output_limit: int = 1_000_000) -> Attempt:
    """An attempt that may print so many bytes."""
    run_id = new_id()
    return Attempt(  # noqa: S604 - starts no shell
        id=attempt_id(run_id, 0, 0, 1),
        run_id=run_id,
        step="only",
        step_index=0,
        number=1,
        provider="web-1",
        pool="default",
        action="restart",
        command="true",
        display_command="true",
        shell="sh",
        parameters={},
        secrets={},
        timeout=60,
        on_lost="hold",
        output_limit=output_limit,
        created_at=NOON,
    )


@dataclass
class Printed:
    """Takes the output of a command, and tells when something has come."""

    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, stream: Literal["stdout", "stderr"], data: bytes) -> None:
        (self.stdout if stream == "stdout" else self.stderr).extend(data)
        self._came.set()

    async def until(self, text: bytes, within: float = 30.0) -> None:
        """Wait until this has come on standard output."""
        async with asyncio.timeout(within):
            while text not in self.stdout:
                self._came.clear()
                await self._came.wait()


@dataclass
class Running:
    """A command under way."""

    printed: Printed
    cancelled: CancelSignal
    started: list[str]
    task: asyncio.Task[Ended]

    async def ended(self, within: float = 60.0) -> Ended:
        async with asyncio.timeout(within):
            return await self.task


def begin(host: Host, request: CommandRequest, *, may_begin: Callable[[], bool] = lambda: True) -> Running:
    """Begin a command in the background."""
    printed, cancelled, started = Printed(), CancelSignal(), []
    note: Callable[[], None] = lambda: started.append(request.attempt_id)  # noqa: E731 - said in one line
    run = host.run(request, printed, on_started=note, cancelled=cancelled, may_begin=may_begin)
    task = asyncio.create_task(run)
    return Running(printed, cancelled, started, task)


async def carry_out(host: Host, request: CommandRequest) -> tuple[Ended, Printed]:
    """Run a command to its end."""
    running = begin(host, request)
    return await running.ended(), running.printed
