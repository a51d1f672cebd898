"""One log-in: with which credentials, the host key checked, questions answered, and what the server says kept."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from weakref import WeakValueDictionary

import asyncssh
from asyncssh.auth import PasswordChangeResponse
from asyncssh.misc import MaybeAwait

from executor.adapters.ssh_transport import PromptSocket, offered_by
from executor.domain.provider import ConnectionFailedError, SshProvider
from shared.contracts.host_key import HostKey
from shared.ssh_key_text import KeyTextError
from shared.ssh_keys import PrivateKey, read_private_key


@dataclass(frozen=True)
class SshCredentials:
    """A key, a password, or both, parsed once."""

    key: PrivateKey | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """What is tried, in words."""
        private_key = "private key and its certificate" if self.has_certificate else "private key"
        kinds = [kind for kind, given in ((private_key, self.key), ("password", self.password)) if given is not None]
        return " and the ".join(kinds)

    @property
    def has_certificate(self) -> bool:
        """Whether an authority vouches for the key."""
        return self.key is not None and self.key.certificate is not None

    def key_pairs(self) -> list[asyncssh.SSHKeyPair]:
        """What the key is offered as: with its certificate first, where it has one, and alone."""
        if self.key is None:
            return []
        with_certificate = self.key.certificate and (self.key.key, self.key.certificate)
        return list(asyncssh.load_keypairs([with_certificate or self.key.key]))


class OpenedKeys:
    """The private keys of all providers, each opened once for those that log in with the same one.

    A key is known by its whole text, so one that was changed is another. It is kept for as long as somebody has
    credentials with it, and no longer.
    """

    def __init__(self) -> None:
        self._opened: WeakValueDictionary[tuple[str | None, ...], PrivateKey] = WeakValueDictionary()
        self._opening: dict[tuple[str | None, ...], asyncio.Task[PrivateKey]] = {}

    def __len__(self) -> int:
        """How many are known."""
        return len(self._opened)

    async def credentials_of(self, provider: SshProvider) -> SshCredentials:
        """The credentials of a provider; ``misconfigured``, with which secret is wrong, where they are none."""
        key = None if provider.private_key is None else await self._key_of(provider)
        return SshCredentials(key, _one_line(provider.password))

    async def _key_of(self, provider: SshProvider) -> PrivateKey:
        text = provider.private_key, provider.passphrase, provider.certificate
        if (opened := self._opened.get(text)) is not None:
            return opened
        opening = self._opening.get(text)
        if opening is None:  # it is slow on purpose where there is a passphrase, so not on the event loop
            opening = self._opening[text] = asyncio.create_task(asyncio.to_thread(_private_key, provider))
            opening.add_done_callback(partial(self._has_opened, text))
        return await asyncio.shield(opening)  # others may wait for it, too

    def _has_opened(self, text: tuple[str | None, ...], opening: "asyncio.Task[PrivateKey]") -> None:
        del self._opening[text]
        if not opening.cancelled() and opening.exception() is None:
            self._opened[text] = opening.result()


def _one_line(secret: str | None) -> str | None:
    """Without the line end that editors and ``echo`` put into files."""
    return secret.rstrip("\r\n") if secret is not None else None


def _private_key(provider: SshProvider) -> PrivateKey:
    assert provider.private_key is not None  # noqa: S101 - asked only then
    try:
        return read_private_key(provider.private_key, provider.passphrase, provider.certificate)
    except KeyTextError as error:
        message = f"The secret given as {error.field} {error}."
        if error.field == "passphrase" and provider.passphrase is None:
            message = "The private key is encrypted: give the secret with its passphrase, too."
        raise ConnectionFailedError("misconfigured", message) from None


class LogIn(asyncssh.SSHClient):
    """Tells a server nothing secret before the key that it has shown is the one that it has to show.

    Where none is known yet, the one that it shows is pinned first, while the connection waits.
    """

    def __init__(
        self, provider: SshProvider, credentials: SshCredentials, expected: HostKey | None, on_lost: Callable[[], None]
    ) -> None:
        """``on_lost`` is called when the connection, made in full or not, has ended."""
        self.asked_host_keys: tuple[str, ...] = ()
        """The algorithms of the host keys that the server is asked for."""
        self.expected = expected
        """The key that the server has to show; that which holds, once one was pinned."""
        self.shown: HostKey | None = None
        self.is_another = False
        """Whether the key that was shown is not the one."""
        self.pinning: asyncio.Task[HostKey] | None = None
        self.banner = ""
        """What the server said at log-in, as it came."""
        self.unanswered: list[str] = []
        """The questions that ended the log-in, as nobody here can answer them."""
        self.asks_for: list[str] = []
        """The methods that were left when something of ours had been accepted and was not enough."""
        self.has_begun = False
        """Whether the server was told who logs in."""
        self.gave_credential = False
        self.said_since = False
        """Whether the server has said something since it was given a credential."""
        self.sock: PromptSocket | None = None
        self.patience: asyncio.Timeout | None = None
        """Of the whole log-in; what pinning takes does not count."""
        self._provider, self._on_lost = provider, on_lost
        self._key_pairs = credentials.key_pairs()
        self._password = self._answer = credentials.password
        self._offers_answers = True
        self._given: dict[str, str] = {}
        self._refused: set[str] = set()
        self._connection: asyncssh.SSHClientConnection | None = None

    @property
    def was_greeted(self) -> bool:
        """Whether the server has said which SSH it speaks."""
        return self._connection is not None and self._connection.get_extra_info("server_version") is not None

    @property
    def offered(self) -> frozenset[str] | None:
        """The algorithms of the server's host keys, once it has told them."""
        return None if self._connection is None else offered_by(self._connection)

    @property
    def accepted(self) -> list[str]:
        """What the server has accepted, in words, where it then asked for more."""
        # Whether an answer was right is not known while the server asks on.
        open_ = self._refused | ({"keyboard-interactive"} if self.unanswered else set())
        return [what for method, what in self._given.items() if method not in open_]

    @property
    def heard(self) -> str:
        """Everything that the server has said in words of its own, before its greeting and at log-in."""
        first = self.sock.first_words.decode(errors="replace") if self.sock else ""
        return "\n".join(part for part in (first, self.banner) if part.strip())

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        """The provider can be reached; nothing was said yet."""
        self._connection = conn

    def auth_banner_received(self, msg: str, lang: str) -> None:  # noqa: ARG002 - asyncssh's signature
        """The server says something to whoever logs in."""
        self.banner += msg
        self.said_since = self.said_since or self.gave_credential

    def begin_auth(self, username: str) -> None:  # noqa: ARG002 - asyncssh's signature
        """Keys were exchanged, and the server has proven that it holds the one that it has shown."""
        assert self._connection is not None  # noqa: S101 - it was made before
        key = self._connection.get_server_host_key()
        assert key is not None  # noqa: S101 - GSS, which needs none, is off
        self.shown = HostKey(key.get_fingerprint(), key.get_algorithm())
        if self._provider.host_ca is not None:  # which asyncssh has looked at
            self.expected = self.shown
        if self.expected is None:
            self.pinning = asyncio.ensure_future(self._provider.pin(self.shown))
        else:
            self._require(self.expected)
        self.has_begun = True

    def _require(self, expected: HostKey) -> None:
        self.expected = expected
        self.is_another = self.shown is None or self.shown.fingerprint != expected.fingerprint
        if self.is_another:
            message = "another host key is expected"
            raise asyncssh.HostKeyNotVerifiable(message)

    async def trust(self) -> None:
        """Return once the key that was shown is the one that holds; ``HostKeyNotVerifiable`` where it is not."""
        if self.pinning is None:
            return
        began = asyncio.get_running_loop().time()
        until = self.patience.when() if self.patience else None
        if self.patience and until:
            self.patience.reschedule(None)
        pinned = await asyncio.shield(self.pinning)
        if self.patience and until:
            self.patience.reschedule(until + asyncio.get_running_loop().time() - began)
        self.pinning = None
        self._require(pinned)

    async def public_key_auth_requested(self) -> list[asyncssh.SSHKeyPair] | None:
        """The private key, once; to be asked for another means that it was refused."""
        await self._asked("publickey")
        pairs, self._key_pairs = self._key_pairs, []
        if not pairs:
            return None
        self._give("publickey", "private key")
        return pairs

    async def password_auth_requested(self) -> str | None:
        """The password, once."""
        await self._asked("password")
        password, self._password = self._password, None
        if password is not None:
            self._give("password", "password")
        return password

    def password_change_requested(self, prompt: str, lang: str) -> MaybeAwait[PasswordChangeResponse]:
        """The password is right, and has expired: whoever it belongs to has to choose another."""
        self.unanswered = [prompt or "New password:"]
        return super().password_change_requested(prompt, lang)

    async def kbdint_auth_requested(self) -> str | None:
        """Offer, once, to answer questions: a server may have none, or ask for the password.

        It may also accept the offer in general and refuse it without a question each time it is made.
        """
        await self._asked("keyboard-interactive")
        offers, self._offers_answers = self._offers_answers, False
        return "" if offers else None

    def kbdint_challenge_received(
        self,
        name: str,
        instructions: str,
        lang: str,  # noqa: ARG002 - asyncssh's signature
        prompts: Sequence[tuple[str, bool]],
    ) -> list[str] | None:
        """The password, once, to a single hidden question in whatever language; nothing to a mere message."""
        self.banner += "".join(f"{text}\n" for text in (name, instructions) if text.strip())
        if not prompts:
            return []
        answer, self._answer = self._answer, None
        if len(prompts) > 1 or prompts[0][1] or answer is None:
            self.unanswered = [prompt for prompt, _ in prompts]
            return None
        self._give("keyboard-interactive", "password")
        return [answer]

    def _give(self, method: str, what: str) -> None:
        self._given[method] = what
        self.gave_credential = True

    async def _asked(self, method: str) -> None:
        await self.trust()
        if method in self._given:
            self._refused.add(method)
        elif self.accepted and not self.asks_for:
            assert self._connection is not None  # noqa: S101 - it was made before
            self.asks_for = list(self._connection.get_server_auth_methods())

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's signature
        """The connection has ended."""
        self._on_lost()
