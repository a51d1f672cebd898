"""What handlers refuse, in words; the API gives each its status."""

from collections.abc import Iterable, Sequence

from shared.contracts.problem import FieldError, nearest

LONGEST_NAME_SHOWN = 100


class RefusedRequestError(Exception):
    """Something that was asked for cannot be done; the text says why and what to do."""


class UnknownError(RefusedRequestError):
    """There is nothing of that name or id."""

    def __init__(self, word: str, name: str, known: Iterable[str] = ()) -> None:
        shown = name[:LONGEST_NAME_SHOWN]
        super().__init__(f"there is no {word} '{shown}'{nearest(shown, known)}")


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


class NameTakenError(RefusedRequestError):
    """Something of that kind has the name already."""

    def __init__(self, word: str, name: str, *, instead: str = "change it with PUT") -> None:
        super().__init__(f"the name is taken: there is {_a(word)} '{name}' already; choose another one, or {instead}")


class StaleError(RefusedRequestError):
    """It was changed since the caller saw it."""

    def __init__(self, word: str, name: str, version: int | None) -> None:
        now = "does not exist" if version is None else f"is at version {version} now"
        super().__init__(f"the {word} '{name}' {now}, which is not what If-Match names; read it and try again")


class InUseError(RefusedRequestError):
    """It cannot be deleted while others use it."""

    def __init__(self, word: str, name: str, users: Sequence[str]) -> None:
        super().__init__(f"the {word} '{name}' is used by {', '.join(users)}; change or delete that first")


class InvalidError(RefusedRequestError):
    """These fields cannot be so."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = list(errors)


class ConflictError(RefusedRequestError):
    """It cannot be done as things stand."""
