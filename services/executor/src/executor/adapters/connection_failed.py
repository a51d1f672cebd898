"""That a provider cannot be reached."""

from shared.contracts.provider import ConnectionReason


class ConnectionFailedError(Exception):
    """A provider cannot be reached; the message says so in sentences, with the next thing to do."""

    def __init__(self, reason: ConnectionReason, message: str, *, is_lasting: bool = False) -> None:
        """``is_lasting``: the next try would end alike, until a person has changed something."""
        super().__init__(message)
        self.reason: ConnectionReason = reason
        self.message = message
        self.is_lasting = is_lasting
