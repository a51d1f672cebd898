"""What goes wrong in front of a person: a sentence, the fields it is about, and what to do next."""

from collections.abc import Sequence

FieldMessage = tuple[str, str]
"""A field, and what is wrong with it."""


class OpsimateError(Exception):
    """Something that the command line says on stderr before it ends with its exit status."""

    def __init__(self, message: str, *, fields: Sequence[FieldMessage] = (), hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fields = list(fields)
        self.hint = hint
        """What to do next, where the message does not say it."""

    exit_status = 1


class WrongUsageError(OpsimateError):
    """Something was set or typed that cannot be."""

    exit_status = 2


class UnreachableError(OpsimateError):
    """Nothing answers, or the answer broke off."""


class RefusedError(OpsimateError):
    """The API answered with a problem."""

    def __init__(self, status: int, message: str, *, fields: Sequence[FieldMessage] = (), hint: str = "") -> None:
        super().__init__(message, fields=fields, hint=hint)
        self.status = status
