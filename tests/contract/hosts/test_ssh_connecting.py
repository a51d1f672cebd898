"""What is promised about connecting over SSH: whom one talks to, what is told, and what fails in which words."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from executor.adapters import ssh_connect
from executor.adapters.hosts import SshHost
from executor.adapters.ssh_pool import SshConnections
from executor.domain.provider import SshProvider
from shared.contracts.host_key import HostKey
from tests.builders import AS_SSH_KEYGEN
from tests.builders_commands import a_request, begin, carry_out
from tests.contract.hosts.conftest import OTHER_FINGERPRINT, NewServer, Pins, ProviderOf, trusting
from tests.contract.hosts.ways import a_way_to, an_asyncssh_server
from tests.servers.ports import free_port
from tests.servers.sshd import SshServer


async def test_the_first_host_key_is_pinned_and_holds(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    server, pins = own_sshd(), Pins()
    report = await SshHost(connections, provider_of(server, pin=pins)).test()
    assert report.host_key == pins.pinned == server.host_key_fingerprint
    provider = provider_of(server, pin=pins, host_key=pins.pinned)
    server.rotate_host_key()
    running = begin(SshHost(connections, provider), a_request("echo ran"))
    ended = await running.ended()
    assert (ended.state, ended.reason, running.started) == ("failed", "host_key_changed", [])
    assert str(pins.pinned) in (ended.reason_text or "")
    assert server.host_key_fingerprint in (ended.reason_text or "")
    assert pins.asked == 1


async def test_a_target_that_is_to_show_another_key_gets_no_old_connection(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    await carry_out(SshHost(connections, provider_of(sshd)), a_request("true"))
    ended, _ = await carry_out(SshHost(connections, provider_of(sshd, host_key=OTHER_FINGERPRINT)), a_request("true"))
    assert ended.reason == "host_key_changed"


async def test_a_test_connects_though_a_connection_is_there(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    server = own_sshd()
    provider = provider_of(server, host_key=server.host_key_fingerprint)
    running = begin(SshHost(connections, provider), a_request("echo begun; sleep 1000"))
    await running.printed.until(b"begun")
    assert (await SshHost(connections, provider).test()).connect_ms is not None
    server.stop_listening()
    assert (await SshHost(connections, provider).test()).reason == "refused"
    running.cancelled.set()
    assert (await running.ended()).ending == "confirmed"


async def test_a_server_that_hangs_up_without_a_greeting_is_asked_again(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    async with a_way_to(sshd, dropping={1, 2}) as port:
        provider = provider_of(sshd, port=port, host_key=sshd.host_key_fingerprint)
        assert (await SshHost(connections, provider).test()).ok
        await connections.close()


async def test_a_password_logs_in(sshd: SshServer, connections: SshConnections, provider_of: ProviderOf) -> None:
    if sshd.password is None:
        pytest.skip("the password of the test user is known only where the tests run as root")
    provider = provider_of(sshd, private_key=None, password=sshd.password + "\n")
    assert (await SshHost(connections, provider).test()).ok


@pytest.mark.parametrize("prompt", ["Password: ", "Mot de passe : "])
async def test_a_password_answers_a_server_that_asks_for_it(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf, prompt: str
) -> None:
    class Asking(asyncssh.SSHServer):
        def kbdint_auth_supported(self) -> bool:
            return True

        def get_kbdint_challenge(self, *_: str) -> tuple[str, str, str, list[tuple[str, bool]]]:
            return "", "", "", [(prompt, False)]

        def validate_kbdint_response(self, _: str, responses: Sequence[str]) -> bool:
            return list(responses) == ["secret"]

    async with an_asyncssh_server(Asking) as port:
        right = provider_of(sshd, port=port, private_key=None, password="secret")
        assert (await SshHost(connections, right).test()).ok
        wrong = replace(right, password="wrong")
        assert (await SshHost(connections, wrong).test()).reason == "authentication_failed"
        await connections.close()


async def test_a_wrong_password_is_told_in_words(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    running = begin(SshHost(connections, provider_of(sshd, private_key=None, password="wrong")), a_request("true"))
    ended = await running.ended()
    assert (ended.state, ended.reason, running.started) == ("failed", "authentication_failed", [])
    assert f"let {sshd.user} in with the password" in (ended.reason_text or "")


@pytest.mark.parametrize("tries", ["6", "1"])
async def test_a_password_that_the_server_lets_nobody_use_is_told_in_words(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, tries: str
) -> None:
    # Without PAM it offers to ask questions, but has none to ask.
    options = {"PasswordAuthentication": "no", "KbdInteractiveAuthentication": "yes", "MaxAuthTries": tries}
    server = own_sshd(options=options)
    report = await SshHost(connections, provider_of(server, private_key=None, password="secret")).test()
    assert report.reason == "authentication_failed"
    assert f"let {server.user} in with the password" in report.message


async def test_a_key_that_is_not_authorised_is_told_in_words(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    report = await SshHost(connections, provider_of(sshd, private_key=stranger)).test()
    assert report.reason == "authentication_failed"
    assert "authorized_keys" in report.message


async def test_nothing_of_the_executors_account_is_used_to_log_in(
    sshd: SshServer,
    connections: SshConnections,
    provider_of: ProviderOf,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    keys = tmp_path / ".ssh"
    keys.mkdir()
    (keys / "id_ed25519").write_text(sshd.private_key)
    (keys / "config").write_text(f"Host *\n  IdentityFile {keys}/id_ed25519\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    report = await SshHost(connections, provider_of(sshd, private_key=None, password="wrong")).test()
    assert report.reason == "authentication_failed"


@pytest.mark.parametrize(
    ("kind", "form"),
    [("ssh-ed25519", "openssh"), ("ecdsa-sha2-nistp256", "pkcs8-pem"), ("ssh-rsa", "pkcs1-pem")],
)
async def test_private_keys_come_in_several_forms_with_a_passphrase(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, *, kind: str, form: str
) -> None:
    key = asyncssh.generate_private_key(kind)
    server = own_sshd()
    server.private_key_path.with_suffix(".pub").write_bytes(key.export_public_key())
    private_key = key.export_private_key(form, passphrase="open sesame", **AS_SSH_KEYGEN).decode().replace("\n", "\r\n")
    provider = provider_of(server, private_key=private_key, passphrase="open sesame\n")
    assert (await SshHost(connections, provider).test()).ok


@pytest.mark.parametrize(
    ("given", "passphrase", "words"),
    [
        ("encrypted", "wrong", "passphrase does not open"),
        ("encrypted", None, "give the secret with its passphrase"),
        ("public", None, "is the public key: give the private one"),
        ("nonsense", None, "no private key"),
    ],
)
async def test_a_key_that_cannot_be_used_is_told_in_words(
    connections: SshConnections, *, given: str, passphrase: str | None, words: str
) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    texts = {
        "encrypted": key.export_private_key(passphrase="right", **AS_SSH_KEYGEN).decode(),
        "public": key.export_public_key().decode(),
        "nonsense": "nonsense",
    }
    provider = SshProvider("web-1", "127.0.0.1", "deploy", trusting, private_key=texts[given], passphrase=passphrase)
    running = begin(SshHost(connections, provider), a_request("true"))
    ended = await running.ended()
    assert (ended.state, ended.reason, running.started) == ("failed", "misconfigured", [])
    assert words in (ended.reason_text or "")


async def test_a_refused_connection_is_told_in_words(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    provider = provider_of(sshd, port=free_port())
    ended, _ = await carry_out(SshHost(connections, provider), a_request("true"))
    assert (ended.state, ended.reason) == ("failed", "unreachable")
    assert re.search("refused the connection: check that sshd runs", ended.reason_text or "")
    assert (await SshHost(connections, provider).test()).reason == "refused"


async def test_an_unknown_host_is_told_in_words(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    report = await SshHost(connections, provider_of(sshd, host="no-such-host.invalid")).test()
    assert report.reason == "host_not_found"
    assert "no-such-host.invalid" in report.message


@pytest.mark.parametrize("spoken", [b"", b"HTTP/1.0 400 Bad Request\r\n\r\n"])
async def test_what_does_not_speak_ssh_is_told_in_words(
    connections: SshConnections, monkeypatch: pytest.MonkeyPatch, spoken: bytes
) -> None:
    monkeypatch.setattr(ssh_connect, "CONNECT_WITHIN", 0.5)
    gone = asyncio.Event()

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(spoken)
        await gone.wait()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        provider = SshProvider("web-1", "127.0.0.1", "deploy", trusting, port=port, password="secret")
        report = await SshHost(connections, provider).test()
        gone.set()
    assert report.reason == "timed_out"
    assert "SSH server" in report.message


async def test_a_cancel_reaches_a_command_while_its_connection_is_made(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    reached, gone = asyncio.Event(), asyncio.Event()

    async def silence(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await gone.wait()
        writer.close()

    async with await asyncio.start_server(silence, "127.0.0.1", 0) as server:
        provider = provider_of(sshd, port=server.sockets[0].getsockname()[1])
        running = begin(SshHost(connections, provider), a_request("true"))
        await reached.wait()
        running.cancelled.set()
        ended = await running.ended(within=5)
        gone.set()
        await connections.close()
    assert (ended.state, running.started) == ("cancelled", [])


async def test_changed_credentials_get_a_connection_of_their_own(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    host = SshHost(connections, provider_of(sshd))
    running = begin(host, a_request("echo begun; sleep 0.5; echo done"))
    await running.printed.until(b"begun")
    changed = provider_of(sshd, private_key=None, password="wrong")
    assert (await SshHost(connections, changed).test()).reason == "authentication_failed"
    assert (await running.ended()).state == "succeeded"  # what ran over the old one is not disturbed


async def test_a_jump_host_leads_on(own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf) -> None:
    bastion, inner = own_sshd(), own_sshd()
    jump = provider_of(bastion, key="bastion")
    provider = provider_of(inner, jump=jump)
    ended, printed = await carry_out(SshHost(connections, provider), a_request("echo $SSH_CONNECTION"))
    assert ended.state == "succeeded"
    assert printed.stdout.decode().split()[3] == str(inner.port)
    assert len(connections.open_connections(jump)) == len(connections.open_connections(provider)) == 1
    bastion.drop_connections()
    assert (await carry_out(SshHost(connections, provider), a_request("true")))[0].state == "succeeded"


async def test_a_jump_host_that_cannot_be_used_is_told_in_words(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    bastion, inner = own_sshd(), own_sshd()
    jump = provider_of(bastion, key="bastion")
    strange = await SshHost(connections, provider_of(inner, jump=replace(jump, host_key=OTHER_FINGERPRINT))).test()
    assert strange.reason == "host_key_changed"
    assert "jump host" in strange.message
    further = await SshHost(connections, provider_of(inner, jump=jump, port=free_port())).test()
    assert further.reason == "refused"
    assert f"127.0.0.1:{bastion.port} could not connect on" in further.message


async def test_a_store_that_fails_while_pinning_fails_the_command(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    async def broken(_: HostKey) -> HostKey:
        raise LookupError("the store is away")

    with pytest.raises(LookupError, match="the store is away"):
        await SshHost(connections, provider_of(sshd, pin=broken)).test()
    assert (await SshHost(connections, provider_of(sshd, pin=trusting)).test()).ok


async def test_a_server_that_hangs_up_after_every_log_in_is_told_in_words(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    class HangingUp(asyncssh.SSHServer):
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            self.connection = conn

        def begin_auth(self, _: str) -> bool:
            return False

        def auth_completed(self) -> None:
            self.connection.close()

    async with an_asyncssh_server(HangingUp) as port:
        ended, _ = await carry_out(SshHost(connections, provider_of(sshd, port=port)), a_request("true"))
    assert (ended.state, ended.reason) == ("failed", "unreachable")
