"""What is promised while a provider is down, and once it is back."""

import asyncio

from executor.adapters.hosts import SshHost
from executor.adapters.ssh_connection import MOST_CONNECTIONS
from executor.adapters.ssh_pool import SshConnections
from tests.builders_commands import a_request, carry_out
from tests.contract.hosts.conftest import NewServer, ProviderOf


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
