"""What SSH adds to running commands: connections that are shared, refused and lost."""

import asyncio
import contextlib
import os

import psutil
import pytest

from executor.adapters import ssh_connection, supervise
from executor.adapters.hosts import SshHost
from executor.adapters.ssh_pool import SshConnections
from executor.domain import processes
from tests.builders_commands import a_request, begin, carry_out
from tests.contract.hosts.conftest import NewServer, ProviderOf
from tests.contract.hosts.marked import marked_processes
from tests.servers.sshd import SshServer


async def test_commands_share_a_connection(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    provider = provider_of(sshd)
    host = SshHost(connections, provider)
    for _ in range(3):
        await carry_out(host, a_request("true"))
    assert len(connections.open_connections(provider)) == 1


async def test_the_first_commands_wait_for_one_connection(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    provider = provider_of(sshd)
    outcomes = await asyncio.gather(*(carry_out(SshHost(connections, provider), a_request("true")) for _ in range(4)))
    assert {ended.state for ended, _ in outcomes} == {"succeeded"}
    assert len(connections.open_connections(provider)) == 1


@pytest.mark.parametrize("max_sessions", [1, 2, 3])
async def test_more_commands_run_at_once_than_a_connection_may_carry(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, max_sessions: int
) -> None:
    provider = provider_of(own_sshd(max_sessions=max_sessions))
    host = SshHost(connections, provider)
    running = [begin(host, a_request("echo begun; sleep 1000")) for _ in range(7)]
    for command in running:
        await command.printed.until(b"begun")
    assert len(connections.open_connections(provider)) >= 7 / max_sessions
    for command in running:
        command.cancelled.set()
    assert {(await command.ended()).ending for command in running} == {"confirmed"}


async def test_whether_a_command_may_begin_is_asked_when_its_turn_has_come(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("executor.adapters.ssh_connection.MOST_CONNECTIONS", 1)
    monkeypatch.setattr("executor.adapters.ssh_connection.SESSIONS_EACH", 1)
    host, asked = SshHost(connections, provider_of(own_sshd())), asyncio.Event()
    first = begin(host, a_request("echo begun; sleep 1000"))
    await first.printed.until(b"begun")

    def refuse() -> bool:
        asked.set()
        return False

    second = begin(host, a_request("echo begun"), may_begin=refuse)
    third = begin(host, a_request("echo begun"))
    await asyncio.sleep(0)
    assert not asked.is_set()
    first.cancelled.set()
    assert (await first.ended()).ending == "confirmed"
    assert ((await second.ended()).state, second.started) == ("cancelled", [])
    assert (await third.ended()).state == "succeeded"


async def test_a_command_waits_for_its_turn_where_the_server_takes_no_more(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("executor.adapters.ssh_connection.MOST_CONNECTIONS", 1)
    host = SshHost(connections, provider_of(own_sshd(max_sessions=1)))
    first = begin(host, a_request("echo begun; sleep 1000"))
    await first.printed.until(b"begun")
    second = begin(host, a_request("echo begun"))
    first.cancelled.set()
    assert (await first.ended()).ending == "confirmed"
    assert (await second.ended()).state == "succeeded"


async def test_a_cancel_reaches_a_command_that_waits_for_its_turn(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("executor.adapters.ssh_connection.MOST_CONNECTIONS", 1)
    monkeypatch.setattr("executor.adapters.ssh_connection.SESSIONS_EACH", 1)
    host = SshHost(connections, provider_of(own_sshd()))
    first = begin(host, a_request("echo begun; sleep 1000"))
    await first.printed.until(b"begun")
    second = begin(host, a_request("echo begun"))
    second.cancelled.set()
    assert (await second.ended()).state == "cancelled"
    assert second.started == []
    first.cancelled.set()
    assert (await first.ended()).ending == "confirmed"


async def test_a_server_that_opens_no_session_is_told_in_words(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    host = SshHost(connections, provider_of(own_sshd(max_sessions=0)))
    running = begin(host, a_request("true"))
    ended = await running.ended()
    assert (ended.state, ended.reason, running.started) == ("failed", "unreachable", [])
    assert "MaxSessions" in (ended.reason_text or "")
    assert (await host.test()).reason == "no_session"


async def test_a_connection_that_went_away_while_nothing_ran_is_replaced_in_silence(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    server = own_sshd()
    host = SshHost(connections, provider_of(server))
    for _ in range(3):
        ended, printed = await carry_out(host, a_request("echo once"))
        assert (ended.state, bytes(printed.stdout)) == ("succeeded", b"once\n")
        server.drop_connections()


async def test_a_connection_that_does_not_answer_is_replaced_before_a_command_begins_on_it(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = provider_of(sshd)
    host = SshHost(connections, provider)
    await carry_out(host, a_request("true"))
    (connection,) = connections.open_connections(provider)

    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(connection.ssh, "create_session", never)
    monkeypatch.setattr(ssh_connection, "OPEN_WITHIN", 0.2)
    running = begin(host, a_request("echo once"))
    assert (await running.ended()).state == "succeeded"
    assert bytes(running.printed.stdout) == b"once\n"
    assert len(running.started) == 1


async def test_after_a_lost_connection_it_is_told_what_still_runs(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    server = own_sshd()
    host = SshHost(connections, provider_of(server))
    request = a_request("echo begun; exec sleep 1000")
    running = begin(host, request)
    await running.printed.until(b"begun")
    server.drop_connections()
    ended = await running.ended()
    assert (ended.state, ended.reason, ended.exit_status) == ("unknown", "lost", None)
    assert "still running on the provider afterwards (process " in (ended.reason_text or "")
    assert (await host.end_leftovers([request.attempt_id], {})).show_nothing_left
    assert marked_processes(request.attempt_id) == []


async def test_what_hides_its_marker_is_found_after_the_connection_and_the_shell_have_gone(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    server = own_sshd()
    host = SshHost(connections, provider_of(server))
    loop = "while kill -0 $child; do echo waiting; sleep 0.1; done"
    request = a_request(f"env -i sleep 1000 >/dev/null 2>&1 & child=$!; echo begun; {loop}")
    running = begin(host, request)
    await running.printed.until(b"begun")
    server.drop_connections()
    ended = await running.ended()
    assert (ended.state, ended.reason) == ("unknown", "lost")
    assert "still running on the provider afterwards (process" in (ended.reason_text or "")
    assert ended.shell_pid is not None
    async with asyncio.timeout(30):
        while marked_processes(request.attempt_id):  # nobody reads what it prints any more
            await asyncio.sleep(0.1)
    assert _group_of(ended.shell_pid) == ["sleep 1000"]
    assert (await host.end_leftovers([request.attempt_id], {ended.shell_pid: 0})).show_nothing_left
    assert _group_of(ended.shell_pid) == []


def _group_of(shell: int) -> list[str]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getpgid(process.pid) == shell and process.status() != psutil.STATUS_ZOMBIE:
                found.append(" ".join(process.cmdline()))
    return found


async def test_after_a_lost_connection_success_is_never_claimed(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    server = own_sshd()
    host = SshHost(connections, provider_of(server))
    running = begin(host, a_request("echo begun; while kill -0 $PPID 2>/dev/null; do sleep 0.05; done"))
    await running.printed.until(b"begun")
    server.drop_connections()
    ended = await running.ended()
    assert (ended.state, ended.reason) == ("unknown", "lost")


async def test_a_provider_that_stays_away_leaves_the_outcome_unknown(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervise, "RECONNECTING", 0)
    server = own_sshd()
    host = SshHost(connections, provider_of(server))
    request = a_request("echo begun; sleep 1000")
    running = begin(host, request)
    await running.printed.until(b"begun")
    server.stop()
    ended = await running.ended()
    assert (ended.state, ended.reason) == ("unknown", "lost")
    assert "could not be seen" in (ended.reason_text or "")
    assert not (await host.end_leftovers([request.attempt_id], {})).show_nothing_left


async def test_an_end_that_cannot_be_seen_is_not_confirmed(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a provider without /proc, where the signals of the command's own channel have to do."""
    monkeypatch.setattr(processes, "ending_script", lambda *_: "echo 'opsimate: unreadable'")
    request = a_request("trap '' TERM; echo begun; while :; do sleep 1; done", timeout=1, grace=1)
    ended, _ = await carry_out(SshHost(connections, provider_of(sshd)), request)
    assert (ended.state, ended.reason, ended.ending, ended.signal) == ("failed", "timeout", "unconfirmed", "KILL")
    assert "look on the provider" in (ended.reason_text or "")
    assert marked_processes(request.attempt_id) == []


async def test_idle_connections_are_closed(sshd: SshServer, provider_of: ProviderOf) -> None:
    connections, provider = SshConnections(close_after_idle=0.1), provider_of(sshd)
    await carry_out(SshHost(connections, provider), a_request("true"))
    (connection,) = connections.open_connections(provider)
    await asyncio.wait_for(connection.ssh.wait_closed(), 30)
    assert connections.open_connections(provider) == []
    await connections.close()
