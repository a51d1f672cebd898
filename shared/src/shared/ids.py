"""Identifiers that sort by the time they were made."""

from ulid import ULID


def new_id() -> str:
    """A ULID: 26 characters, the first ten of them the time in milliseconds."""
    return str(ULID())
