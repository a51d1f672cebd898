"""Making one SSH connection: reach the provider, verify its host key, log in, and say in words what went wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncssh

from executor.adapters.ssh_client import connected, name_in_certificates
from executor.adapters.ssh_login import LogIn, SshCredentials
from executor.adapters.ssh_transport import (
    TYPES,
    PromptSocket,
    algorithms,
    changed_host_key,
    connected_socket,
    untried,
)
from executor.domain.provider import ConnectionFailedError, SshProvider, readable
from shared.contracts.host_key import HostKey, public_keys
from shared.descriptors import is_shortage

CONNECT_WITHIN = 10.0
"""Seconds for connecting and logging in."""
KEEPALIVE_EVERY = 15.0
"""Seconds between two questions whether the server is there."""
MOST_UNANSWERED = 3
"""Such questions in a row, after which a connection on which nothing is heard is lost."""
PAUSES_AFTER_DROPS = (0.1, 0.3, 1.0)
"""Seconds before each further try to connect where the provider hangs up without a greeting. sshd does so while too
many log in at once (MaxStartups), and counts a connection for a moment after it has ended."""

_TOO_MANY_FAILURES = "Too many authentication failures"
"""How OpenSSH takes leave of whoever has used up MaxAuthTries."""


class _WrongHostKeyError(Exception):
    """The provider showed another host key than the expected one, or has none of the types that it was asked for."""


class DroppedError(ConnectionFailedError):
    """The provider ended the connection without a word of the protocol."""

    def __init__(self, message: str, *, was_greeted: bool) -> None:
        super().__init__("disconnected", message)
        self.was_greeted = was_greeted
        """Whether it had said which SSH it speaks. It has not where too many log in at once, or where it bans."""


@dataclass(frozen=True)
class Connected:
    """A connection that is logged in."""

    connection: asyncssh.SSHClientConnection
    host_key: HostKey
    """What the provider showed, which is what it had to."""
    banner: str
    """What it said at log-in, fit for people to read."""


class SshConnecting:
    """Makes connections to one provider."""

    def __init__(self, provider: SshProvider, credentials: SshCredentials) -> None:
        self._provider, self._credentials = provider, credentials

    async def connect(
        self, host_key: HostKey | None, tunnel: asyncssh.SSHClientConnection | None, on_lost: Callable[[], None]
    ) -> Connected:
        """Connect and log in; ``ConnectionFailedError`` says why not.

        That takes one connection: before anything secret is told to it, the provider has to show the host key, and one
        that is not known yet is pinned. A server has host keys of several types and shows one; so where the type of
        the key is not known, those that the server has are asked for, each by a connection of its own.
        ``on_lost`` is called when the connection, made in full or not, has ended.
        """
        expected, types = host_key, (host_key.type,) if host_key and host_key.type in TYPES else tuple(TYPES)
        shown: list[str] = []
        pauses = iter(PAUSES_AFTER_DROPS)
        while True:
            login = LogIn(self._provider, self._credentials, expected, on_lost)
            login.asked_host_keys = algorithms(types, certified=self._provider.host_ca is not None)
            try:
                connected = await self._log_in(login, tunnel)
            except DroppedError as dropped:
                if login.pinning is not None:  # the server would not wait for as long as the store is away
                    expected = await login.pinning
                elif dropped.was_greeted or (pause := next(pauses, None)) is None:
                    raise
                else:
                    await asyncio.sleep(pause)
            except _WrongHostKeyError:
                expected = login.expected
                shown += [login.shown.fingerprint] if login.shown else []
                left = untried(types, expected, login.shown, login.offered) if expected else ()
                if not left or len(left) == len(types):  # a stranger may show what nobody has asked for
                    raise changed_host_key(self._provider, expected, shown, login.offered) from None
                types = left
            else:
                if host_key is not None and host_key.type is None:
                    await self._provider.learn_type(connected.host_key)
                return connected

    async def _log_in(self, login: LogIn, tunnel: asyncssh.SSHClientConnection | None) -> Connected:
        async with self._way(login, tunnel) as way:
            connection = await connected(
                self._provider.host,
                self._provider.port,
                self._provider.user,
                way=way,
                client=login,
                host_key_algorithms=login.asked_host_keys,
                known_hosts=self._known_hosts(),
            )
            try:
                await login.trust()  # not asked for anything secret, it has not waited for that
            except BaseException:
                connection.abort()
                raise
        assert login.shown is not None  # noqa: S101 - nobody logs in without
        connection.set_keepalive(KEEPALIVE_EVERY, MOST_UNANSWERED)
        return Connected(connection, login.shown, readable(login.banner))

    def _known_hosts(self) -> object:
        """None where the key is what counts: then ``LogIn`` looks at it, whether a certificate is around it or not."""
        if self._provider.host_ca is None:
            return None
        return [], [asyncssh.import_public_key(key) for key in public_keys(self._provider.host_ca)], []

    @asynccontextmanager
    async def _way(
        self, login: LogIn, tunnel: asyncssh.SSHClientConnection | None
    ) -> AsyncIterator[PromptSocket | asyncssh.SSHClientConnection]:
        """What the provider is reached through, for one connection; what fails with it is told in words."""
        async with _told_in_words(self._provider, self._credentials, login, CONNECT_WITHIN):
            if tunnel is not None:
                yield tunnel
                return
            login.sock = await connected_socket(self._provider, CONNECT_WITHIN)
            try:
                yield login.sock
            except BaseException:
                login.sock.close()
                raise


@asynccontextmanager
async def _told_in_words(
    provider: SshProvider, credentials: SshCredentials, login: LogIn, within: float
) -> AsyncIterator[None]:
    """Raises ``ConnectionFailedError`` for what fails in the block, or when it takes longer than that."""
    try:
        async with asyncio.timeout(within) as login.patience:
            yield
    except (ConnectionFailedError, _WrongHostKeyError):
        raise
    except TimeoutError:
        raise ConnectionFailedError("timed_out", _of_slowness(provider, login, within)) from None
    except (asyncssh.Error, OSError, ValueError) as error:
        if is_shortage(error):
            raise  # it says nothing of the provider
        if login.is_another or (_has_no_such_key(login) and (login.expected or provider.host_ca)):
            raise _WrongHostKeyError from None
        raise _in_words(provider, credentials, login, error) from None


def _and_said(login: LogIn) -> str:
    heard = readable(login.heard)
    return f" It said: “{heard}”" if heard else ""


def _has_no_such_key(login: LogIn) -> bool:
    """Whether the connection ended since the server has no host key of the types that it was asked for."""
    offered = login.offered
    return offered is not None and not login.has_begun and not offered & set(login.asked_host_keys)


def _of_slowness(provider: SshProvider, login: LogIn, within: float) -> str:
    if login.has_begun:
        why = (
            f"greeted, but took longer than {within:g} s to let {provider.user} in: look at its log and its load; "
            "often it waits for a name server (UseDNS), for a directory of users, or for a home directory on the "
            "network."
        )
    else:
        why = f"took longer than {within:g} s to log in: check that it is an SSH server, and that it is not overloaded."
    return f"{provider.address} {why}{_and_said(login)}"


def _in_words(
    provider: SshProvider, credentials: SshCredentials, login: LogIn, error: Exception
) -> ConnectionFailedError:
    if isinstance(error, asyncssh.PermissionDenied) or _TOO_MANY_FAILURES in str(error):
        return _not_let_in(provider, credentials, login)
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return _no_trusted_certificate(provider, str(error).rpartition(" for host ")[0])
    if isinstance(error, asyncssh.KeyExchangeFailed) or _has_no_such_key(login):
        message = f"{provider.address} speaks no algorithm that is safe ({error}): bring its SSH server up to date."
        return ConnectionFailedError("disconnected", message)
    if isinstance(error, asyncssh.ChannelOpenError):
        through = provider.jump.address if provider.jump else "the jump host"
        message = (
            f"{through} could not connect on to {provider.address} ({error.reason}): "
            "check host and port, and that its sshd allows TCP forwarding."
        )
        return ConnectionFailedError("refused", message)
    if isinstance(error, ValueError):  # of asyncssh, about the user or the password
        message = f"The user or the password for {provider.address} cannot be used ({error}): correct the provider."
        return ConnectionFailedError("misconfigured", message)
    return _hung_up(provider, login, error)


def _hung_up(provider: SshProvider, login: LogIn, error: Exception) -> ConnectionFailedError:
    if login.said_since and not login.unanswered:
        message = f"{provider.address} ended the log-in of {provider.user}.{_and_said(login)}"
        return ConnectionFailedError("no_session", message, is_lasting=True)
    if login.was_greeted:
        message = (
            f"{provider.address} ended the connection during log-in ({error}): its log says why.{_and_said(login)}"
        )
    elif login.heard.startswith("HTTP/"):
        message = f"{provider.address} is an HTTP server, no SSH server: check the provider's port.{_and_said(login)}"
    else:
        message = (
            f"{provider.address} ended the connection without a greeting ({error}): check that it is an SSH server; "
            "its log says why, often too many log-ins at once (MaxStartups), or a ban of this address after failed "
            f"ones (PerSourcePenalties of OpenSSH 9.8 and newer, fail2ban).{_and_said(login)}"
        )
    if isinstance(error, (asyncssh.ConnectionLost, OSError)):
        return DroppedError(message, was_greeted=login.was_greeted)
    return ConnectionFailedError("disconnected", message)


def _not_let_in(provider: SshProvider, credentials: SshCredentials, login: LogIn) -> ConnectionFailedError:
    asked = " ".join(f"“{readable(prompt)}”" for prompt in login.unanswered)
    if login.accepted:
        more = [method for method in login.asks_for if method != "keyboard-interactive" or not asked]
        if asked:
            more.append(f"keyboard-interactive, with the question {asked}, which nobody can answer here")
        message = (
            f"{provider.address} accepted the {' and the '.join(login.accepted)} of {provider.user}, but asks for "
            f"more: {', '.join(more) or 'a way of logging in that is not known here'}. Give the provider what is "
            "missing, or let this user in without it: AuthenticationMethods in the sshd_config there, in a Match block."
        )
        return ConnectionFailedError("authentication_failed", f"{message}{_and_said(login)}")
    certificate = credentials.key.complaint(provider.user) if credentials.key else None
    what = (
        f"{certificate}."
        if certificate
        else "check the user and the secret, and for a key that its public half is in ~/.ssh/authorized_keys there"
        + (", or that its authority is in TrustedUserCAKeys." if credentials.has_certificate else ".")
    )
    message = f"{provider.address} does not let {provider.user} in with the {credentials}: {what}"
    if asked:
        message += f" It asked {asked}, which nobody can answer here: a password answers a single hidden question."
    return ConnectionFailedError("authentication_failed", f"{message}{_and_said(login)}")


def _no_trusted_certificate(provider: SshProvider, told: str) -> ConnectionFailedError:
    name = name_in_certificates(provider.host)
    message = (
        f"{provider.address} shows a host certificate that does not hold ({told}): see that host_ca names the "
        f"authority that signed it, that it names {name} (ssh-keygen -s … -h -n {name}), and that it is valid now."
    )
    return ConnectionFailedError("host_key_changed", message)
