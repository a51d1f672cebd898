"""What many connections share, and what each has for itself: keys, what was prepared for a log-in, names that need no
resolver, round trips that need not be.
"""

import asyncio
import gc
import logging
from collections.abc import Iterator

import asyncssh
import pytest

from executor.adapters import ssh_login
from executor.adapters.hosts import SshHost
from executor.adapters.ssh_pool import SshConnections
from executor.domain.provider import SshProvider
from shared.ssh_keys import PrivateKey, read_private_key
from tests.builders import AS_SSH_KEYGEN
from tests.builders_commands import a_request, carry_out
from tests.contract.hosts.conftest import NewServer, ProviderOf
from tests.servers.sshd import SshServer

MANY = 12


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of the keys that were opened, as they are."""
    texts: list[str] = []

    def counted(text: str, *more: str | None) -> PrivateKey:
        texts.append(text)
        return read_private_key(text, *more)

    monkeypatch.setattr(ssh_login, "read_private_key", counted)
    return texts


@pytest.fixture
def everything_logged() -> Iterator[None]:
    """asyncssh logs all that it can."""
    before = logging.getLogger("asyncssh").level
    asyncssh.set_log_level(logging.DEBUG)
    asyncssh.set_debug_level(3)
    yield
    asyncssh.set_debug_level(1)
    asyncssh.set_log_level(before)


async def outcomes(connections: SshConnections, providers: list[SshProvider]) -> list[str | None]:
    """How a command that does nothing ended on each, all at once."""
    ended = await asyncio.gather(*(carry_out(SshHost(connections, one), a_request("true")) for one in providers))
    return [one.reason or one.state for one, _ in ended]


async def test_a_key_of_many_providers_is_opened_once_and_forgotten_with_the_last_of_them(
    sshd: SshServer, provider_of: ProviderOf, opened: list[str]
) -> None:
    connections = SshConnections()
    providers = [provider_of(sshd, key=f"n-{number}") for number in range(MANY)]
    assert await outcomes(connections, providers) == ["succeeded"] * MANY
    assert opened == [sshd.private_key]
    kept = connections.keys
    assert len(kept) == 1
    await connections.close()
    gc.collect()
    assert len(kept) == 0


async def test_a_key_that_was_changed_is_not_taken_for_the_one_before(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf, opened: list[str]
) -> None:
    key = asyncssh.import_private_key(sshd.private_key)
    locked = key.export_private_key(passphrase="right", **AS_SSH_KEYGEN).decode()
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    known = provider_of(sshd, key="known", private_key=locked, passphrase="right")
    assert await outcomes(connections, [known]) == ["succeeded"]
    others = [
        provider_of(sshd, key="wrong", private_key=locked, passphrase="wrong"),
        provider_of(sshd, key="none", private_key=locked),
        provider_of(sshd, key="stranger", private_key=stranger),
        provider_of(sshd, key="known", private_key=stranger),
        provider_of(sshd, key="again", private_key=locked, passphrase="right"),
    ]
    refused = ["misconfigured", "misconfigured", "authentication_failed", "authentication_failed"]
    assert await outcomes(connections, others) == [*refused, "succeeded"]
    assert opened.count(stranger) == 1
    assert opened.count(locked) == 3


async def test_who_gives_up_waiting_for_a_key_leaves_it_to_the_others(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf, opened: list[str]
) -> None:
    first, *others = (
        asyncio.create_task(connections.keys.credentials_of(provider_of(sshd, key=f"n-{number}")))
        for number in range(MANY)
    )
    await asyncio.sleep(0)
    first.cancel()
    found = await asyncio.gather(*others)
    assert len({id(one.key) for one in found}) == 1
    assert len(opened) == 1


async def test_what_is_prepared_for_one_provider_lets_no_other_be_taken_for_it(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    """All log in as the same user; what each has to show is its own."""
    servers = own_sshd(), own_sshd()
    keys = [server.host_key_fingerprint for server in servers]
    right = [
        provider_of(servers[number % 2], key=f"right-{number}", host_key=keys[number % 2], host_key_type="ssh-ed25519")
        for number in range(MANY)
    ]
    wrong = [
        provider_of(servers[number % 2], key=f"wrong-{number}", host_key=keys[1 - number % 2]) for number in range(MANY)
    ]
    assert await outcomes(connections, right + wrong) == ["succeeded"] * MANY + ["host_key_changed"] * MANY
    for provider in right:
        (connection,) = connections.open_connections(provider)
        shown = connection.ssh.get_extra_info("host"), connection.ssh.get_extra_info("port"), connection.host_key
        assert shown == (provider.host, provider.port, provider.host_key)


async def test_a_key_is_offered_with_its_signature_at_once(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    server = own_sshd(options={"LogLevel": "DEBUG1"})
    assert await outcomes(connections, [provider_of(server)]) == ["succeeded"]
    assert server.log.count("method publickey") == 1
    assert "Postponed publickey" not in server.log
    assert "Accepted publickey" in server.log


async def test_an_address_needs_no_resolver(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def resolve(host: str, *_: object, **__: object) -> None:
        asked.append(host)
        raise UnicodeError

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    by_address, by_name = provider_of(sshd, key="address"), provider_of(sshd, key="name", host="localhost")
    assert await outcomes(connections, [by_address, by_name]) == ["succeeded", "unreachable"]
    assert asked == ["localhost"]


@pytest.mark.usefixtures("everything_logged")
async def test_no_packet_is_logged_as_it_may_hold_a_password(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, caplog: pytest.LogCaptureFixture
) -> None:
    server = own_sshd()
    report = await SshHost(connections, provider_of(server, private_key=None, password="Tr0ub4dor&3")).test()
    assert report.reason == "authentication_failed"
    assert "Beginning auth for user" in caplog.text
    assert "MSG_USERAUTH_REQUEST" not in caplog.text
