"""What a server or a start-up file says in words of its own, made fit for people."""

import unicodedata

MOST_HEARD = 500
"""Characters of it that are passed on."""


def readable(text: str) -> str:
    """The words on one line, without what would do something to a terminal, and not too long."""
    plain = "".join(" " if character.isspace() else character for character in text)
    words = " ".join("".join(one for one in plain if unicodedata.category(one)[0] != "C").split())
    return words if len(words) <= MOST_HEARD else f"{words[:MOST_HEARD]}…"
