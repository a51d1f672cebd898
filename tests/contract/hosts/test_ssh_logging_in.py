"""What is promised about logging in: what a server may ask for and say (cases A04, A11, A16, S-06, S-07, S-08)."""

import asyncio
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import asyncssh
import pytest

from executor.adapters.hosts import SshHost
from executor.adapters.ssh_pool import SshConnections
from executor.domain.provider import MOST_HEARD, readable
from tests.builders_commands import a_request, begin, carry_out
from tests.contract.hosts.conftest import NewServer, ProviderOf
from tests.contract.hosts.ways import an_asyncssh_server
from tests.servers.sshd import SshServer
from tests.servers.sshd_with_pam import SshServerWithPam

KEY_AND_QUESTIONS = {
    "KbdInteractiveAuthentication": "yes",
    "AuthenticationMethods": "publickey,keyboard-interactive",
}
PERMIT = "auth sufficient pam_permit.so\naccount required pam_permit.so\nsession required pam_permit.so\n"
ASK = "auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n"

NewPamServer = Callable[..., SshServerWithPam]


@pytest.fixture
def sshd_with_pam() -> Iterator[NewPamServer]:
    """Starts servers that ask PAM: `sshd_with_pam(rules, options=…)`."""
    if not SshServerWithPam.is_possible():
        pytest.skip("PAM's rules can be a test's own only for root, where there are mount namespaces")
    with ExitStack() as started:
        yield lambda rules, **knobs: started.enter_context(closing(SshServerWithPam(rules, **knobs)))


async def test_a_server_that_asks_for_more_and_then_asks_nothing_lets_in(
    sshd_with_pam: NewPamServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    server = sshd_with_pam(PERMIT, options=KEY_AND_QUESTIONS)
    report = await SshHost(connections, provider_of(server)).test()
    assert report.ok, report.message
    assert "Partial publickey" in server.log


async def test_a_password_answers_the_question_that_follows_the_key(
    sshd_with_pam: NewPamServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    server = sshd_with_pam(ASK, options=KEY_AND_QUESTIONS)
    report = await SshHost(connections, provider_of(server, password=server.password)).test()
    assert report.ok, report.message


async def test_a_question_that_nobody_can_answer_is_told_with_what_was_accepted(
    sshd_with_pam: NewPamServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    server = sshd_with_pam(ASK, options=KEY_AND_QUESTIONS)
    report = await SshHost(connections, provider_of(server)).test()
    assert report.reason == "authentication_failed"
    assert f"accepted the private key of {server.user}, but asks for more: keyboard-interactive" in report.message
    assert "“Password:”, which nobody can answer here" in report.message
    assert "authorized_keys" not in report.message


async def test_a_password_that_is_asked_for_beside_the_key_is_told_as_missing(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    server = own_sshd(options={"AuthenticationMethods": "publickey,password", "PasswordAuthentication": "yes"})
    report = await SshHost(connections, provider_of(server)).test()
    assert report.reason == "authentication_failed"
    assert f"accepted the private key of {server.user}, but asks for more: password." in report.message
    if server.password is not None:
        assert (await SshHost(connections, provider_of(server, password=server.password)).test()).ok
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    refused = await SshHost(connections, provider_of(server, private_key=stranger)).test()
    assert "does not let" in refused.message
    assert "accepted" not in refused.message


async def test_a_second_question_ends_the_log_in(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    asked: list[str] = []

    class TwoFactors(asyncssh.SSHServer):
        def kbdint_auth_supported(self) -> bool:
            return True

        def get_kbdint_challenge(self, *_: str) -> tuple[str, str, str, list[tuple[str, bool]]]:
            return "", "", "", [("Password: ", False)]

        def validate_kbdint_response(
            self, _: str, responses: Sequence[str]
        ) -> bool | tuple[str, str, str, list[tuple[str, bool]]]:
            asked.extend(responses)
            return ("", "Ask your token.", "", [("Verification code: ", False)])

    async with an_asyncssh_server(TwoFactors) as port:
        provider = provider_of(sshd, port=port, private_key=None, password="secret")
        report = await SshHost(connections, provider).test()
    assert report.reason == "authentication_failed"
    assert "It asked “Verification code:”, which nobody can answer here" in report.message
    assert "“Ask your token.”" in report.message
    assert asked == ["secret"]


async def test_a_password_that_has_to_be_changed_is_told(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    class Expired(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, _: str, __: str) -> bool:
            raise asyncssh.PasswordChangeRequired("Your password has expired; choose another: ")

    async with an_asyncssh_server(Expired) as port:
        provider = provider_of(sshd, port=port, private_key=None, password="secret")
        report = await SshHost(connections, provider).test()
    assert report.reason == "authentication_failed"
    assert "“Your password has expired; choose another:”" in report.message


async def test_an_account_that_has_expired_is_told_in_the_servers_words(
    sshd_with_pam: NewPamServer, connections: SshConnections, provider_of: ProviderOf
) -> None:
    rules = "auth required pam_deny.so\naccount required pam_unix.so\nsession required pam_permit.so\n"
    server = sshd_with_pam(rules, account_expired=True)
    host = SshHost(connections, provider_of(server))
    report = await host.test()
    assert report.reason == "no_session"
    assert f"ended the log-in of {server.user}. It said: “Your account has expired" in report.message
    assert "MaxStartups" not in report.message
    running = begin(host, a_request("true"))
    ended = await running.ended()
    assert (ended.state, ended.reason, ended.is_lasting, running.started) == ("failed", "unreachable", True, [])
    assert "Your account has expired" in (ended.reason_text or "")


async def test_a_machine_that_lets_nobody_in_is_told_in_the_servers_words(
    sshd_with_pam: NewPamServer, connections: SshConnections, provider_of: ProviderOf, tmp_path: Path
) -> None:
    (tmp_path / "nologin").write_text("The disks are being changed\nuntil \x1b[1mnoon\x1b[0m.\n")
    rules = (
        f"auth required pam_deny.so\naccount required pam_nologin.so file={tmp_path}/nologin\n"
        "session required pam_permit.so\n"
    )
    report = await SshHost(connections, provider_of(sshd_with_pam(rules))).test()
    assert report.reason == "no_session"
    assert "“The disks are being changed until [1mnoon[0m." in report.message.replace("\\033", "")


async def test_a_banner_stands_in_the_reason_and_beside_the_connection(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, tmp_path: Path
) -> None:
    (tmp_path / "issue").write_bytes("Nur für Befugte.\n".encode("latin-1") + b"x" * 2000)
    server = own_sshd(options={"Banner": str(tmp_path / "issue")})
    provider = provider_of(server)
    ended, _ = await carry_out(SshHost(connections, provider), a_request("true"))
    assert ended.state == "succeeded"
    (connection, *_) = connections.open_connections(provider)
    assert connection.banner.startswith("Nur f�r Befugte. xxx")
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    report = await SshHost(connections, provider_of(server, private_key=stranger)).test()
    assert "It said: “Nur f" in report.message
    assert len(report.message) < MOST_HEARD + 400


def test_a_servers_words_do_nothing_to_a_terminal() -> None:
    assert readable("a\x00b\x1b]0;title\x07\r\n\n  c\u202ed\u2028e") == "ab]0;title cd e"
    assert readable("x" * 10_000) == "x" * MOST_HEARD + "…"


async def test_a_server_that_is_slow_to_let_in_is_told_where_to_look(
    sshd: SshServer, connections: SshConnections, provider_of: ProviderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(asyncssh.SSHServer):
        def public_key_auth_supported(self) -> bool:
            return True

        async def validate_public_key(self, _: str, __: asyncssh.SSHKey) -> bool:
            await asyncio.Event().wait()
            return False

    monkeypatch.setattr("executor.adapters.ssh_connect.CONNECT_WITHIN", 3.0)
    async with an_asyncssh_server(Slow) as port:
        report = await SshHost(connections, provider_of(sshd, port=port)).test()
    assert report.reason == "timed_out"
    assert f"took longer than 3 s to let {sshd.user} in" in report.message
    assert "UseDNS" in report.message


class UserAuthority:
    """Signs keys of users, by the command that the documents name."""

    def __init__(self, folder: Path) -> None:
        self.key = folder / "user_ca"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key], check=True)

    def sign(self, key: Path, *, principal: str, valid: str = "always:forever") -> str:
        """The certificate."""
        said = ["-I", "opsimate", "-n", principal, "-V", valid]
        subprocess.run(["ssh-keygen", "-q", "-s", self.key, *said, f"{key}.pub"], check=True)
        return Path(f"{key}-cert.pub").read_text()

    @property
    def only(self) -> dict[str, str]:
        """The options of a server that trusts nobody else."""
        return {"TrustedUserCAKeys": f"{self.key}.pub", "AuthorizedKeysFile": "none"}


def a_key(folder: Path, kind: str) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", folder / "id"], check=True)
    return folder / "id"


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
async def test_a_key_that_an_authority_has_signed_logs_in(
    own_sshd: NewServer, connections: SshConnections, provider_of: ProviderOf, tmp_path: Path, kind: str
) -> None:
    authority, key = UserAuthority(tmp_path), a_key(tmp_path, kind)
    server = own_sshd(options=authority.only)
    certificate = authority.sign(key, principal=server.user)
    behind = provider_of(server, private_key=key.read_text() + certificate)
    apart = provider_of(server, private_key=key.read_text(), certificate=certificate)
    for provider in (behind, apart):
        report = await SshHost(connections, provider).test()
        assert report.ok, report.message
    alone = await SshHost(connections, provider_of(server, private_key=key.read_text())).test()
    assert alone.reason == "authentication_failed"


@pytest.mark.parametrize(
    ("principal", "valid", "words"),
    [
        ("{user}", "20200101:20200102", "the certificate has expired: have a new one made"),
        ("somebody,else", "always:forever", "the certificate is for somebody, else, not for {user}"),
        ("{user}", "always:forever", "its authority is in TrustedUserCAKeys"),
    ],
)
async def test_a_certificate_that_does_not_let_in_is_told_in_words(
    own_sshd: NewServer,
    connections: SshConnections,
    provider_of: ProviderOf,
    tmp_path: Path,
    *,
    principal: str,
    valid: str,
    words: str,
) -> None:
    authority, key = UserAuthority(tmp_path), a_key(tmp_path, "ed25519")
    server = own_sshd(options=authority.only if "TrustedUserCAKeys" not in words else {})
    certificate = authority.sign(key, principal=principal.format(user=server.user), valid=valid)
    report = await SshHost(connections, provider_of(server, private_key=key.read_text() + certificate)).test()
    assert report.reason == "authentication_failed"
    assert words.format(user=server.user) in report.message
