"""What is promised while a provider is down, and once it is back."""

import asyncio

import pytest

from executor.adapters import ssh_connect
from executor.adapters.hosts import SshHost
from executor.adapters.ssh_connection import MOST_CONNECTIONS
from executor.adapters.ssh_pool import SshConnections
from tests.builders_commands import a_request, begin, carry_out
from tests.contract.hosts.conftest import NewServer, ProviderOf
from tests.contract.hosts.ways import a_way_to
from tests.servers.sshd import SshServer


async def test_a_provider_that_went_down_fails_every_attempt_and_works_once_it_is_back(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    server = own_sshd()
    host = SshHost(connections, provider_of(server))
    assert (await carry_out(host, a_request("true")))[0].state == "succeeded"
    server.stop()
    for _ in range(3):
        async with asyncio.timeout(20):
            ended, _ = await carry_out(host, a_request("true"))
        assert (ended.state, ended.reason) == ("failed", "unreachable")
    server.start()
    assert (await carry_out(host, a_request("true")))[0].state == "succeeded"


async def test_waiting_for_a_free_session_ends_with_the_time_out_of_the_step(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    provider = provider_of(own_sshd(max_sessions=1))
    host = SshHost(connections, provider)
    busy = [asyncio.create_task(carry_out(host, a_request("sleep 60"))) for _ in range(MOST_CONNECTIONS + 4)]
    async with asyncio.timeout(30):
        while sum(connection.open_sessions for connection in connections.open_connections(provider)) < MOST_CONNECTIONS:
            await asyncio.sleep(0.05)
    async with asyncio.timeout(20):
        ended, _ = await carry_out(host, a_request("echo ran", timeout=1))
    assert (ended.state, ended.reason) == ("failed", "unreachable")
    assert "Nothing was run" in (ended.reason_text or "")
    for task in busy:
        task.cancel()
    await asyncio.gather(*busy, return_exceptions=True)


async def test_a_connection_that_fell_silent_is_found_out(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_connect, "KEEPALIVE_EVERY", 0.1)
    cut = asyncio.Event()
    async with a_way_to(sshd, cut=cut) as port:
        provider = provider_of(sshd, port=port)
        running = begin(SshHost(connections, provider), a_request("echo here; sleep 60"))
        await running.printed.until(b"here")
        await asyncio.sleep(1)
        (connection,) = connections.open_connections(provider)
        assert not running.task.done(), "the server answers, though the command says nothing"
        cut.set()
        async with asyncio.timeout(20):
            await connection.ssh.wait_closed()
        assert connections.open_connections(provider) == []
        running.task.cancel()
        await asyncio.gather(running.task, return_exceptions=True)
        await connections.close()


async def test_a_server_that_answers_no_question_is_there_while_anything_is_heard_from_it(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_connect, "KEEPALIVE_EVERY", 0.2)
    monkeypatch.setattr(ssh_connect, "MOST_UNANSWERED", 1)
    host = SshHost(connections, provider_of(sshd))
    assert (await carry_out(host, a_request("true")))[0].state == "succeeded"
    (connection,) = connections.open_connections(provider_of(sshd))
    monkeypatch.setattr(connection.ssh, "_make_global_request", lambda *_: asyncio.sleep(60))
    ended, printed = await carry_out(host, a_request("for i in 1 2 3 4 5 6 7 8 9 10; do echo $i; sleep 0.1; done"))
    assert (ended.state, len(printed.stdout.split())) == ("succeeded", 10)
