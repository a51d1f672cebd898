"""All the hosts that an executor can reach: over SSH, and its own machine."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from executor.adapters.local import LocalHost
from executor.adapters.output_stream import new_challenge
from executor.adapters.ssh_connection import PooledConnection
from executor.adapters.ssh_pool import SshConnections, Stages
from executor.adapters.ssh_session import SshCommand, TooLateError
from executor.adapters.supervise import end_leftovers, find_boot, find_leftovers, not_begun, printed, supervise
from executor.domain import outcomes
from executor.domain.command import DEFAULT_GRACE, CommandRequest, Ended, Exit, Findings, Shells
from executor.domain.delivery import NOT_ARRIVED, deliver, deliver_script
from executor.domain.provider import ConnectionFailedError, SshProvider
from executor.domain.sudo import Sudo
from executor.ports import CancelSignal, Host, OutputSink
from shared.contracts.provider import TEST_WITHIN, ProviderTestReport
from shared.contracts.values import duration_text
from shared.timers import Patience

START_UP = 20.0
"""Seconds that the start-up files of a login shell may take before the shell of a command answers."""
TEST_START_UP = 8.0
"""Seconds for start-up files where somebody waits for the answer of a test."""
TEST_STATUS = 93
"""The exit status that a test asks for: one that nothing on the way gives by itself."""


class SshHost:
    """A provider reached over SSH; cheap to make anew for every command, as the connections live elsewhere."""

    def __init__(self, connections: SshConnections, provider: SshProvider) -> None:
        self._connections, self._provider = connections, provider

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
        try:
            command = await self._begin(request, on_started, cancelled, may_begin)
        except TimeoutError:
            if cancelled.is_set():
                return outcomes.cancelled_before_it_began()
            return outcomes.never_began("timed_out", _no_free_session(self._provider, request))
        except TooLateError:
            return outcomes.given_up_before_it_began()
        except ConnectionFailedError as failure:
            return await not_begun(self._run_script, failure)
        return await supervise(command, request, sink, cancelled, partial(self._run_script, sudo=request.sudo))

    async def _begin(
        self,
        request: CommandRequest,
        on_started: Callable[[], None],
        cancelled: CancelSignal,
        may_begin: Callable[[], bool],
    ) -> SshCommand:
        """Begin the command; ``TimeoutError`` where it was cancelled before, or no session was free in its time."""
        delivery = deliver(request, new_challenge())

        def opened() -> None:
            if not cancelled.is_set():  # the wait for a session is over; start-up files have a limit of their own
                patience.last(START_UP + request.timeout)

        def begun() -> None:
            cancelled.call_nobody()  # it is too late to keep it from beginning, and too early to end it
            patience.last_on()
            on_started()

        try:
            async with Patience(request.timeout) as patience:
                cancelled.call(patience.end)
                stages = Stages(START_UP, opened, may_begin, begun)
                command, _ = await self._connections.begin(self._provider, delivery, stages)
                return command
        finally:
            cancelled.call_nobody()

    async def end_leftovers(self, attempt_ids: Sequence[str], shells: Shells, sudo: Sudo | None = None) -> Findings:
        """End what is still running of earlier attempts, and see what is left."""
        return await end_leftovers(partial(self._run_script, sudo=sudo), attempt_ids, shells, DEFAULT_GRACE)

    async def find_leftovers(self, attempt_ids: Sequence[str], shells: Shells, sudo: Sudo | None = None) -> Findings:
        """Say what is still running of earlier attempts."""
        return await find_leftovers(partial(self._run_script, sudo=sudo), attempt_ids, shells)

    async def boot(self) -> str | None:
        """Which start of the machine this is."""
        return await find_boot(self._run_script)

    async def test(self) -> ProviderTestReport:
        """Connect, run a command that does nothing, and say how that went.

        Over a connection of its own: one that is there already says nothing about the next.
        """
        own = SshConnections()
        try:
            return await self._test_over(own)
        finally:
            await own.close()

    async def _test_over(self, connections: SshConnections) -> ProviderTestReport:
        loop = asyncio.get_running_loop()
        asked_at = loop.time()

        def begun() -> None:
            nonlocal asked_at
            asked_at = loop.time()

        try:
            async with asyncio.timeout(TEST_WITHIN):
                delivery = deliver_script(f"exit {TEST_STATUS}", new_challenge())
                stages = Stages(TEST_START_UP, on_begun=begun)
                command, connection = await connections.begin(self._provider, delivery, stages)
                await printed(command)
        except ConnectionFailedError as failure:
            return ProviderTestReport(ok=False, reason=failure.reason, message=failure.message)
        except TimeoutError:
            return _report_of_silence(self._provider)
        latency_ms = (loop.time() - asked_at) * 1000
        return _report(self._provider, command.output.exit, connection, latency_ms)

    async def _run_script(self, script: str, within: float, sudo: Sudo | None = None) -> str | None:
        try:
            async with asyncio.timeout(within):
                delivery = deliver_script(script, new_challenge(), sudo)
                command, _ = await self._connections.begin(self._provider, delivery, Stages(START_UP), urgent=True)
                return await printed(command)
        except (TimeoutError, ConnectionFailedError):
            return None


def _no_free_session(provider: SshProvider, request: CommandRequest) -> str:
    return (
        f"No session on {provider.address} was free within the step's time-out of {duration_text(request.timeout)}: "
        "other commands hold them all, or it answers slowly. Run fewer at once there, or give the step more time."
    )


def _report(
    provider: SshProvider, exit_: Exit | None, connection: PooledConnection, latency_ms: float
) -> ProviderTestReport:
    if exit_ == Exit(status=0):
        message = (
            f"The log-in of {provider.user} on {provider.address} hides exit statuses: a command that ended with "
            f"{TEST_STATUS} was told as a success. Let its exit status through (no | tee, no ; behind it): check "
            "ForceCommand in sshd_config, command= in authorized_keys, and the user's start-up files."
        )
        return ProviderTestReport(ok=False, host_key=connection.host_key, reason="no_session", message=message)
    if exit_ == Exit(status=NOT_ARRIVED):
        return ProviderTestReport(
            ok=False, host_key=connection.host_key, reason="no_session", message=outcomes.NO_INPUT
        )
    if exit_ != Exit(status=TEST_STATUS):
        message = (
            f"{provider.address} let {provider.user} in, but a command that does nothing failed there: "
            "check the user's login shell and its start-up files, and that env, sh and cat are in its PATH."
        )
        return ProviderTestReport(ok=False, host_key=connection.host_key, reason="no_session", message=message)
    return ProviderTestReport(
        ok=True,
        latency_ms=round(latency_ms, 3),
        connect_ms=round(connection.connect_ms, 3),
        host_key=connection.host_key,
        message=f"Commands run as {provider.user} on {provider.address}.",
    )


def _report_of_silence(provider: SshProvider) -> ProviderTestReport:
    message = (
        f"{provider.address} did not answer a command that does nothing within {TEST_WITHIN:g} s: "
        "check its load, and the start-up files of the user's login shell."
    )
    return ProviderTestReport(ok=False, reason="timed_out", message=message)


class ReachableHosts:
    """Hosts over SSH, sharing their connections, and the executor's own machine."""

    def __init__(self, *, allow_local: bool) -> None:
        """``allow_local`` is the administrator's word on commands on the executor's own machine."""
        self._connections = SshConnections()
        self._local = LocalHost(allowed=allow_local)

    def at(self, provider: SshProvider | None) -> Host:
        """The host that the provider is; the executor's own machine without one."""
        return self._local if provider is None else SshHost(self._connections, provider)

    async def close(self) -> None:
        """Close every connection."""
        await self._connections.close()
