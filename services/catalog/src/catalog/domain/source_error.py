"""What is wrong with a text that somebody wrote, with where it stands."""


class SourceError(Exception):
    """The text cannot be read as what it is to be; the message begins with where."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
