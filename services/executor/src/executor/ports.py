"""The Host port: a provider that commands run on, and what every adapter promises."""

import asyncio
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from typing import Literal, Protocol

from executor.domain.command import CommandRequest, Ended, Findings, Shells
from executor.domain.provider import SshProvider
from executor.domain.sudo import Sudo
from shared.contracts.provider import ProviderTestReport


class OutputSink(Protocol):
    """Where the output of a command goes, as it comes."""

    async def write(self, stream: Literal["stdout", "stderr"], data: bytes) -> None:
        """Take a piece of output. While this is awaited no more is read, which slows the command down."""


class CancelSignal:
    """Says that a command is to be ended before its time, to one listener after the other; once it is set, it stays."""

    def __init__(self) -> None:
        self._is_set = False
        self._act: Callable[[], None] | None = None
        self._context: Context | None = None

    def is_set(self) -> bool:
        """Whether the command is to be ended."""
        return self._is_set

    def set(self) -> None:
        """Have the command ended."""
        self._is_set = True
        if self._act is not None:
            asyncio.get_running_loop().call_soon(self._tell, context=self._context)

    def call(self, act: Callable[[], None]) -> None:
        """From now on ``act``, and no other, is called when it is set: at once where it has been. Once."""
        self._act, self._context = act, copy_context()
        if self._is_set:
            self._tell()

    def call_nobody(self) -> None:
        """Keep it for the next ``call``."""
        self._act = None

    def _tell(self) -> None:
        act, self._act = self._act, None
        if act is not None:
            act()


class Host(Protocol):
    """One provider, whether it can be reached now or not. What can be expected to go wrong is told, never raised,
    but for what this machine is short of before a command begins, which is an ``OSError``.
    """

    async def run(
        self,
        request: CommandRequest,
        sink: OutputSink,
        *,
        on_started: Callable[[], None],
        cancelled: CancelSignal,
        may_begin: Callable[[], bool],
    ) -> Ended:
        """Run the command once, at most, and follow it to its end.

        First a shell is started on the provider, and has to prove that it is one. ``may_begin`` is asked right before
        that shell is told to begin: where it says no, nothing is run. ``on_started`` is called when the shell is told;
        where it was not called, nothing ran, and nothing will. The time-out counts from then.
        The command finds its standard input empty, unless its script says otherwise. When its time is over or
        ``cancelled`` is set, it is ended: TERM to all its processes, KILL after the grace, and a look whether they are
        gone. When its shell has exited while something it left in the background holds its output open, the end of the
        shell is the end of the command, a second after the last output and ten seconds after the exit at the latest.
        """

    async def end_leftovers(self, attempt_ids: Sequence[str], shells: Shells, sudo: Sudo | None = None) -> Findings:
        """End what is still running of earlier attempts, and say what is left, and since when the machine is up.

        ``shells`` are those that ran them, as far as they are known, and ``sudo`` the user as whom they did.
        """

    async def find_leftovers(self, attempt_ids: Sequence[str], shells: Shells, sudo: Sudo | None = None) -> Findings:
        """Say what is still running of earlier attempts, and since when the machine is up; nothing is signalled."""

    async def boot(self) -> str | None:
        """Which start of its machine this is: a text that another one does not have; empty where the machine does not
        tell, none where it does not answer.
        """

    async def test(self) -> ProviderTestReport:
        """Connect, run a command that does nothing, and say how that went."""


class Hosts(Protocol):
    """Every provider there is."""

    def at(self, provider: SshProvider | None) -> Host:
        """The host that the provider is; the executor's own machine without one."""
