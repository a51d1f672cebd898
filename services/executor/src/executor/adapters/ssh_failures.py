"""What can go wrong while connecting, in words that say what to do."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncssh

from executor.adapters.connection_failed import ConnectionFailedError
from executor.adapters.ssh_credentials import Credentials
from executor.domain.target import SshTarget

_TOO_MANY_FAILURES = "Too many authentication failures"
"""How OpenSSH takes leave of whoever has used up MaxAuthTries."""


class WrongHostKeyError(Exception):
    """The target showed another host key than the expected one."""

    def __init__(self, shown: str) -> None:
        super().__init__(shown)
        self.shown = shown


class DroppedError(ConnectionFailedError):
    """The target ended the connection without a word."""


@asynccontextmanager
async def told_in_words(target: SshTarget, credentials: Credentials, within: float) -> AsyncIterator[None]:
    """Raises ``ConnectionFailedError`` for what fails in the block, or when it takes longer than that."""
    try:
        async with asyncio.timeout(within):
            yield
    except (ConnectionFailedError, WrongHostKeyError):
        raise
    except TimeoutError:
        message = (
            f"{target.address} took longer than {within:g} s to log in: "
            "check that it is an SSH server, and that it is not overloaded."
        )
        raise ConnectionFailedError("timed_out", message) from None
    except (asyncssh.Error, OSError, ValueError) as error:
        raise _in_words(target, credentials, error) from None


def _in_words(target: SshTarget, credentials: Credentials, error: Exception) -> ConnectionFailedError:
    if isinstance(error, asyncssh.PermissionDenied) or _TOO_MANY_FAILURES in str(error):
        message = (
            f"{target.address} does not let {target.user} in with the {credentials}: check the user and the secret, "
            "and for a key that its public half is in ~/.ssh/authorized_keys there."
        )
        return ConnectionFailedError("authentication_failed", message)
    if isinstance(error, asyncssh.KeyExchangeFailed):
        message = f"{target.address} speaks no algorithm that is safe ({error}): bring its SSH server up to date."
        return ConnectionFailedError("disconnected", message)
    if isinstance(error, asyncssh.ChannelOpenError):
        through = target.jump.address if target.jump else "the jump host"
        message = (
            f"{through} could not connect on to {target.address} ({error.reason}): "
            "check host and port, and that its sshd allows TCP forwarding."
        )
        return ConnectionFailedError("refused", message)
    if isinstance(error, ValueError):  # of asyncssh, about the user or the password
        message = f"The user or the password for {target.address} cannot be used ({error}): correct the provider."
        return ConnectionFailedError("misconfigured", message)
    message = (
        f"{target.address} ended the connection during log-in ({error}): check that it is an SSH server; "
        "its log says why, often too many log-ins at once (MaxStartups) or a ban."
    )
    dropped = isinstance(error, (asyncssh.ConnectionLost, OSError))
    return (DroppedError if dropped else ConnectionFailedError)("disconnected", message)


def changed_host_key(target: SshTarget, expected: str, shown: Sequence[str]) -> ConnectionFailedError:
    """The target is perhaps not the one it was."""
    message = (
        f"{target.address} shows the host key {shown[0]}, but {expected} is expected: somebody may be in between. "
        "If the machine was installed anew, set the provider's host_key to what ssh-keygen -l prints there."
    )
    return ConnectionFailedError("host_key_changed", message)
