"""What is promised about host keys: one connection a log-in, nothing secret to a stranger (cases O-1, S-08)."""

import asyncio
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import asyncssh
import pytest

from executor.adapters import ssh_connect, ssh_pool
from executor.adapters.hosts import SshHost
from executor.adapters.ssh_pool import SshConnections
from shared.contracts.host_key import HostKey
from tests.builders_commands import a_request, carry_out
from tests.contract.hosts.conftest import (
    OTHER_FINGERPRINT,
    NewServer,
    Pins,
    ProviderOf,
    connections_to,
    fingerprint,
    showing,
)
from tests.contract.hosts.ways import a_way_to, an_asyncssh_server
from tests.servers import programs
from tests.servers.sshd import SshServer

ACCEPTED = "Accepted publickey for"


async def until_logged_in(server: SshServer, before: int, *, others: int) -> None:
    """Every connection since then, but for a number of others, has come to a log-in."""
    async with asyncio.timeout(20):
        while connections_to(server) - before - others != server.log.count(ACCEPTED):
            await asyncio.sleep(0.05)


async def test_a_log_in_takes_one_connection_whatever_the_type_of_the_expected_key(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, host_keys: dict[str, Path]
) -> None:
    server = own_sshd(options=showing(host_keys.values()))
    for kind, key in host_keys.items():
        expected = fingerprint(key)
        provider = provider_of(server, host_key=expected, host_key_type=kind)
        before = connections_to(server)
        report = await SshHost(connections, provider).test()
        assert (report.ok, report.host_key) == (True, expected), report.message
        assert connections_to(server) - before == 1


async def test_a_first_contact_pins_over_the_connection_that_it_logs_in_by(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, host_keys: dict[str, Path]
) -> None:
    server, pins = own_sshd(options=showing(host_keys.values())), Pins()
    provider, before = provider_of(server, pin=pins), connections_to(server)
    ended = await asyncio.gather(*(carry_out(SshHost(connections, provider), a_request("true")) for _ in range(20)))
    assert {one.state for one, _ in ended} == {"succeeded"}
    assert pins.asked == 1
    await until_logged_in(server, before, others=0)


async def test_a_fingerprint_alone_is_found_among_the_keys_that_the_server_has_and_its_type_learned(
    own_sshd: NewServer, provider_of: ProviderOf, host_keys: dict[str, Path]
) -> None:
    server = own_sshd(options=showing(host_keys.values()))
    for tries, (kind, key) in enumerate(host_keys.items(), start=1):
        learned: list[HostKey] = []

        async def learn(shown: HostKey, learned: list[HostKey] = learned) -> None:
            learned.append(shown)

        connections, before = SshConnections(), connections_to(server) - server.log.count(ACCEPTED)
        provider = provider_of(server, host_key=fingerprint(key), learn_type=learn)
        commands = (carry_out(SshHost(connections, provider), a_request("true")) for _ in range(12))
        assert {ended.state for ended, _ in await asyncio.gather(*commands)} == {"succeeded"}
        assert learned == [HostKey(fingerprint(key), kind)]
        await until_logged_in(server, before, others=tries - 1)
        await connections.close()
    before = connections_to(server)
    report = await SshHost(SshConnections(), provider_of(server, host_key=OTHER_FINGERPRINT)).test()
    assert report.reason == "host_key_changed"
    assert connections_to(server) - before == len(host_keys), "the server has said which types there are"


async def test_a_key_of_a_type_that_the_server_has_no_more_is_told_after_one_connection(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, host_keys: dict[str, Path]
) -> None:
    server = own_sshd(options=showing([host_keys["ssh-ed25519"]]))
    provider = provider_of(server, host_key=fingerprint(host_keys["ssh-rsa"]), host_key_type="ssh-rsa")
    before = connections_to(server)
    report = await SshHost(connections, provider).test()
    assert report.reason == "host_key_changed"
    assert "has no host key of the type ssh-rsa (only ssh-ed25519)" in report.message
    assert connections_to(server) - before == 1


@pytest.mark.parametrize("pieces", [1, 2, 3, 4, 5])
async def test_a_connection_that_is_cut_is_not_taken_for_another_server(
    own_sshd: NewServer,
    connections: SshConnections,
    provider_of: ProviderOf,
    host_keys: dict[str, Path],
    *,
    pieces: int,
) -> None:
    server = own_sshd(options=showing(host_keys.values()))
    for kind in (None, "ssh-rsa"):
        async with a_way_to(server, dropping=range(100), after=pieces) as port:
            known = {"host_key": fingerprint(host_keys["ssh-rsa"]), "host_key_type": kind, "port": port}
            report = await SshHost(connections, provider_of(server, **known)).test()
        assert (report.ok, report.reason) == (False, "disconnected"), report.message


class Curious(asyncssh.SSHServer):
    """Writes down whatever it is told, and lets everybody in with a password."""

    told: list[str]

    def begin_auth(self, _: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, _: str, key: asyncssh.SSHKey) -> bool:
        self.told.append(key.get_fingerprint())
        return False

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, _: str, password: str) -> bool:
        self.told.append(password)
        return True

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, *_: str) -> tuple[str, str, str, list[tuple[str, bool]]]:
        return "", "", "", [("Password: ", False)]

    def validate_kbdint_response(self, _: str, responses: Sequence[str]) -> bool:
        self.told += responses
        return False


async def test_a_server_with_another_host_key_learns_nothing_secret(
    provider_of: ProviderOf, connections: SshConnections, sshd: SshServer
) -> None:
    class Stranger(Curious):
        told: list[str] = []

    async with an_asyncssh_server(Stranger) as port:
        expected = provider_of(sshd, port=port, host_key=OTHER_FINGERPRINT, password="secret")
        pinned_by_another = provider_of(sshd, port=port, pin=Pins(OTHER_FINGERPRINT), password="secret")
        for provider in (expected, pinned_by_another):
            report = await SshHost(connections, provider).test()
            assert (report.ok, report.reason) == (False, "host_key_changed")
    assert Stranger.told == []


async def test_nothing_secret_is_told_before_the_host_key_is_pinned(
    provider_of: ProviderOf, connections: SshConnections, sshd: SshServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unknown(Curious):
        told: list[str] = []

    asked, stored = asyncio.Event(), asyncio.Event()

    async def pin(shown: HostKey) -> HostKey:
        asked.set()
        await stored.wait()
        return shown

    monkeypatch.setattr(ssh_connect, "CONNECT_WITHIN", 3.0)  # a store that is away costs a log-in nothing
    async with an_asyncssh_server(Unknown) as port:
        provider = provider_of(sshd, port=port, pin=pin, private_key=None, password="secret")
        testing = asyncio.create_task(SshHost(connections, provider).test())
        await asked.wait()
        await asyncio.sleep(3.1)
        assert Unknown.told == []
        stored.set()
        assert (await testing).ok
    assert Unknown.told == ["secret"]


async def test_a_first_contact_outlives_a_server_that_does_not_wait_for_the_store(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    server, asked, stored = own_sshd(), asyncio.Event(), asyncio.Event()

    async def pin(shown: HostKey) -> HostKey:
        asked.set()
        await stored.wait()
        return shown

    testing = asyncio.create_task(SshHost(connections, provider_of(server, pin=pin)).test())
    await asked.wait()
    await asyncio.to_thread(server.drop_connections)
    stored.set()
    assert (await testing).ok


async def test_a_server_that_bans_is_told_as_such(
    connections: SshConnections, provider_of: ProviderOf, sshd: SshServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_connect, "PAUSES_AFTER_DROPS", (0.01,))

    async def ban(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Not allowed at this time\x1b[2J\r\n")
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(ban, "127.0.0.1", 0) as server:
        provider = provider_of(sshd, port=server.sockets[0].getsockname()[1], host_key=OTHER_FINGERPRINT)
        report = await SshHost(connections, provider).test()
    assert report.reason == "disconnected"
    for words in ("MaxStartups", "PerSourcePenalties", "“Not allowed at this time[2J”"):
        assert words in report.message


async def test_an_http_server_is_told_as_such(
    connections: SshConnections, provider_of: ProviderOf, sshd: SshServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_connect, "PAUSES_AFTER_DROPS", (0.01,))

    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        provider = provider_of(sshd, port=server.sockets[0].getsockname()[1])
        report = await SshHost(connections, provider).test()
    assert "is an HTTP server, no SSH server: check the provider's port. It said: “HTTP/1.1 400" in report.message
    assert "MaxStartups" not in report.message


@pytest.mark.parametrize("over_a_jump_host", [False, True])
async def test_a_retry_comes_after_the_ban(
    sshd: SshServer,
    connections: SshConnections,
    provider_of: ProviderOf,
    monkeypatch: pytest.MonkeyPatch,
    *,
    over_a_jump_host: bool,
) -> None:
    monkeypatch.setattr(ssh_connect, "PAUSES_AFTER_DROPS", (0.01,))
    monkeypatch.setattr(ssh_pool, "QUIET", quiet := 0.4)
    arrivals: list[float] = []
    async with a_way_to(sshd, dropping={1, 2, 3, 4}, arrivals=arrivals) as port:
        provider = provider_of(sshd, port=port)
        if over_a_jump_host:
            provider = provider_of(sshd, key="inner", jump=provider)
        for state in ("failed", "failed", "succeeded"):
            ended, _ = await carry_out(SshHost(connections, provider), a_request("true"))
            assert ended.state == state
        await connections.close()
    assert len(arrivals) == 5
    assert arrivals[2] - arrivals[1] >= quiet
    assert arrivals[4] - arrivals[3] >= 2 * quiet


def bans() -> bool:
    """Whether the sshd here knows penalties."""
    sshd = programs.sshd()
    if sshd is None:
        return False
    shown = subprocess.run([sshd, "-G", "-f", "/dev/null"], check=False, capture_output=True, text=True)
    return "persourcepenalties" in shown.stdout


@pytest.mark.skipif(not bans(), reason="OpenSSH before 9.8 does not ban")
async def test_no_log_in_of_ours_leads_to_a_ban(
    own_sshd: NewServer, provider_of: ProviderOf, host_keys: dict[str, Path]
) -> None:
    server = own_sshd(options={**showing(host_keys.values()), "PerSourcePenalties": "yes"})
    known = {"host_key": fingerprint(host_keys["ssh-rsa"]), "host_key_type": "ssh-rsa"}
    for _ in range(12):
        report = await SshHost(SshConnections(), provider_of(server, **known)).test()
        assert report.ok, report.message
    providers = [provider_of(server, key=f"web-{number}") for number in range(20)]
    reports = await asyncio.gather(*(SshHost(SshConnections(), provider).test() for provider in providers))
    assert [report.message for report in reports if not report.ok] == []
    assert "activating" not in server.log
    assert server.log.count("penalty of") <= 1, "the first look whether it listens is not ours"


class Authority:
    """Signs host keys, by the commands that the documents name."""

    def __init__(self, folder: Path) -> None:
        self.key = folder / "host_ca"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)

    @property
    def public(self) -> str:
        return self.key.with_suffix(".pub").read_text()

    def sign(self, key: Path, *, names: str = "127.0.0.1,web-1.example", valid: str = "always:forever") -> None:
        said = ["-I", "web-1", "-h", "-n", names, "-V", valid]
        subprocess.run(["ssh-keygen", "-q", "-s", self.key, *said, f"{key}.pub"], check=True)


def certified(key: Path) -> dict[str, str]:
    """The options of a server that shows a certificate and nothing else."""
    return {
        "HostKey": str(key),
        "HostCertificate": f"{key}-cert.pub",
        "HostKeyAlgorithms": "ssh-ed25519-cert-v01@openssh.com",
    }


async def test_a_host_certificate_is_verified_by_its_authority(
    own_sshd: NewServer,
    connections: SshConnections,
    provider_of: ProviderOf,
    host_keys: dict[str, Path],
    tmp_path: Path,
) -> None:
    key, authority = host_keys["ssh-ed25519"], Authority(tmp_path)
    authority.sign(key)
    server, pins = own_sshd(options=certified(key)), Pins(OTHER_FINGERPRINT)
    both = f"{host_keys['ssh-rsa'].with_suffix('.pub').read_text()}\n{authority.public}"
    before = connections_to(server)
    for host_ca in (authority.public, both):
        report = await SshHost(connections, provider_of(server, host_ca=host_ca, pin=pins)).test()
        assert (report.ok, report.host_key) == (True, fingerprint(key)), report.message
    assert connections_to(server) - before == 2
    assert pins.asked == 0
    another = host_keys["ssh-rsa"].with_suffix(".pub").read_text()
    hosts = (
        SshHost(connections, provider_of(server, key=str(ca), host_ca=ca)) for ca in (authority.public, another) * 3
    )
    ended = await asyncio.gather(*(carry_out(host, a_request("true")) for host in hosts))
    assert [one.reason for one, _ in ended] == [None, "host_key_changed"] * 3


async def test_a_host_certificate_holds_for_the_same_host_in_any_case(
    own_sshd: NewServer,
    connections: SshConnections,
    provider_of: ProviderOf,
    host_keys: dict[str, Path],
    tmp_path: Path,
) -> None:
    key, authority = host_keys["ssh-ed25519"], Authority(tmp_path)
    authority.sign(key, names="localhost")
    server = own_sshd(options=certified(key))
    for host, is_ok in (("LocalHost", True), ("127.0.0.1", False)):
        provider = provider_of(server, key=host, host=host, host_ca=authority.public)
        report = await SshHost(connections, provider).test()
        assert report.ok == is_ok, report.message


async def test_without_an_authority_the_key_within_the_certificate_is_pinned(
    own_sshd: NewServer,
    connections: SshConnections,
    provider_of: ProviderOf,
    host_keys: dict[str, Path],
    tmp_path: Path,
) -> None:
    key, pins = host_keys["ssh-ed25519"], Pins()
    Authority(tmp_path).sign(key, names="elsewhere.example", valid="20200101:20200102")
    server = own_sshd(options=certified(key))
    report = await SshHost(connections, provider_of(server, pin=pins)).test()
    assert (report.ok, report.host_key, pins.pinned) == (True, fingerprint(key), fingerprint(key)), report.message
    changed = await SshHost(connections, provider_of(server, host_key=OTHER_FINGERPRINT)).test()
    assert changed.reason == "host_key_changed"


@pytest.mark.parametrize(
    ("signed", "told"),
    [
        ({"names": "elsewhere.example"}, "principal mismatch"),
        ({"valid": "20200101:20200102"}, "expired"),
        (None, "not trusted"),
    ],
)
async def test_a_host_certificate_that_does_not_hold_is_refused(
    own_sshd: NewServer,
    connections: SshConnections,
    provider_of: ProviderOf,
    host_keys: dict[str, Path],
    tmp_path: Path,
    *,
    signed: dict[str, str] | None,
    told: str,
) -> None:
    key, authority = host_keys["ssh-ed25519"], Authority(tmp_path)
    authority.sign(key, **(signed or {}))
    host_ca = authority.public if signed else host_keys["ssh-rsa"].with_suffix(".pub").read_text()
    report = await SshHost(connections, provider_of(own_sshd(options=certified(key)), host_ca=host_ca)).test()
    assert report.reason == "host_key_changed"
    assert told in report.message
    assert "-h -n 127.0.0.1" in report.message


async def test_a_server_without_a_certificate_is_refused_where_one_is_asked_for(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, tmp_path: Path
) -> None:
    server = own_sshd()
    report = await SshHost(connections, provider_of(server, host_ca=Authority(tmp_path).public)).test()
    assert report.reason == "host_key_changed"
    assert "has no host certificate" in report.message
    assert "Accepted" not in server.log
