"""From where somebody calls: the address and the program, as they stand beside what that call changed."""

import unicodedata
from typing import Literal

from shared.contracts.model import Model

LONGEST_PROGRAM = 200
"""Characters of what a program calls itself; the rest is cut."""

CredentialKind = Literal["token", "session"]


class Origin(Model):
    """From where a call came."""

    address: str = ""
    """Of the machine that called, as a believed proxy says it, or of another proxy; empty where nobody knows."""
    program: str = ""
    """As the caller names it in ``User-Agent``: a browser, ``opsimate``, ``curl``. It may claim anything."""
    credential: CredentialKind = "token"
    """``session``: a browser that somebody signed in with; ``token``: a program."""


def program_named(text: str) -> str:
    """What a program calls itself, fit to be stored and shown."""
    return "".join(one if unicodedata.category(one)[0] != "C" else "�" for one in text[:LONGEST_PROGRAM])
