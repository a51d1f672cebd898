"""Sessions: how long a browser is known that somebody signed in with, and the links that sign in once."""

from shared.contracts.model import Model
from shared.contracts.values import Instant


class BrowserSession(Model):
    """A session as it is stored. It may do what its token may, and is over once that is deleted."""

    id: str
    """SHA-256, in hex, of the secret that the browser keeps. That has 256 random bits, as a token has."""
    version: int = 1
    token: str
    """The name of the token that somebody signed in with."""
    token_uid: str
    created_at: Instant
    expires_at: Instant
    """Moves on while the session is used, and never beyond ``ends_at``."""
    ends_at: Instant


class SignInLink(Model):
    """A link that signs in once, as it is stored."""

    id: str
    """SHA-256, in hex, of the link's secret."""
    version: int = 1
    token: str
    """The name of the token that it signs in with."""
    token_uid: str
    created_at: Instant
    expires_at: Instant
