"""What is promised on SSH servers that are not OpenSSH."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from executor.adapters.hosts import SshHost
from executor.adapters.ssh_pool import SshConnections
from executor.domain import processes
from tests.builders_commands import a_request, begin, carry_out
from tests.contract.hosts.conftest import ProviderOf
from tests.contract.hosts.marked import marked_processes
from tests.servers.other_ssh import DropbearServer, GroupSharingServer, OtherSshServer
from tests.servers.presence import start_or_refuse

NewServer = Callable[..., GroupSharingServer]


@pytest.fixture
def group_sharing() -> Iterator[NewServer]:
    """Starts servers that start commands in their own process group."""
    with ExitStack() as started:
        yield lambda *how: started.enter_context(closing(GroupSharingServer(*how)))


@pytest.fixture(params=[DropbearServer, GroupSharingServer])
def other_server(request: pytest.FixtureRequest) -> Iterator[OtherSshServer]:
    """One where commands share a process group with each other or with the server."""
    with closing(start_or_refuse(request.param)) as server:
        yield server


@pytest.fixture
def host_at(connections: SshConnections, provider_of: ProviderOf) -> Callable[[OtherSshServer], SshHost]:
    """The host that a server is."""
    return lambda server: SshHost(connections, provider_of(server, password=server.password))


HostAt = Callable[[OtherSshServer], SshHost]


@pytest.mark.parametrize("how", ["cancel", "time-out", "leftovers"])
async def test_to_end_a_command_ends_neither_those_beside_it_nor_the_server(
    other_server: OtherSshServer, host_at: HostAt, how: str
) -> None:
    """Case S-01."""
    host = host_at(other_server)
    command = "env -i sleep 1000 & echo begun; sleep 1000"
    second = begin(host, a_request("echo begun; read line; sleep 0.2; echo done; cat"))
    beside = begin(host, a_request(command))
    request = a_request(command, timeout=1 if how == "time-out" else 60)
    first = begin(host, request)
    for running in (beside, first):
        await running.printed.until(b"begun")
    if how == "cancel":
        first.cancelled.set()
    if how == "leftovers":
        assert (await host.end_leftovers([request.attempt_id], {})).show_nothing_left
    else:
        ended = await first.ended()
        assert ended.ending == "confirmed", ended
        assert ended.state == ("cancelled" if how == "cancel" else "failed")
    assert marked_processes(request.attempt_id) == []
    assert (await second.ended()).state == "succeeded"
    assert not beside.task.done()
    assert other_server.is_there
    assert (await carry_out(host, a_request("echo after")))[0].state == "succeeded"
    beside.cancelled.set()
    assert (await beside.ended()).ending == "confirmed"


async def test_no_signal_is_asked_for_where_it_would_reach_the_server(
    group_sharing: NewServer, host_at: HostAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case S-01: where no script can be run, as without /proc."""
    monkeypatch.setattr(processes, "ending_script", lambda *_: "echo 'opsimate: unreadable; up unknown.'")
    server = group_sharing()
    ended, _ = await carry_out(host_at(server), a_request("sleep 5", timeout=0.5, grace=1))
    assert (ended.state, ended.reason, ended.ending) == ("failed", "timeout", "unconfirmed")
    assert server.is_there


@pytest.mark.parametrize("status", [256, 4_294_967_295])
async def test_an_exit_status_has_32_bits(group_sharing: NewServer, host_at: HostAt, status: int) -> None:
    """Case A24."""
    ended, printed = await carry_out(host_at(group_sharing(str(status))), a_request("echo hi"))
    assert (ended.state, ended.exit_status, bytes(printed.stdout)) == ("failed", status, b"hi\n")


async def test_a_channel_that_closes_without_a_status_is_not_called_a_lost_connection(
    group_sharing: NewServer, host_at: HostAt
) -> None:
    """Case S-09."""
    host = host_at(group_sharing("without-status"))
    running = begin(host, a_request("echo hi; sleep 0.1"))
    await running.printed.until(b"hi")
    async with asyncio.timeout(8):  # it is told at once; RECONNECTING would be ten seconds
        ended = await running.ended()
    assert (ended.state, ended.reason, ended.exit_status) == ("unknown", "lost", None)
    assert "without saying how" in (ended.reason_text or "")
    assert "no longer running" in (ended.reason_text or "")
    assert "connection was lost" not in (ended.reason_text or "")
