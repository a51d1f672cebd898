"""That a provider cannot be reached."""

from shared.contracts.provider import ConnectionReason


class ConnectionFailedError(Exception):
    """A provider cannot be reached; the message says so in sentences, with the next thing to do."""

    def __init__(self, reason: ConnectionReason, message: str) -> None:
        super().__init__(message)
        self.reason: ConnectionReason = reason
        self.message = message


class NoShellError(ConnectionFailedError):
    """The user is let in, but what then answers is no shell: it will not be one at the next try either."""
