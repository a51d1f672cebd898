"""Sessions: a browser is given one for a token, or for a link that signs in once, and is known by it until it is over.

Secrets are stored by their hashes. A session acts as its token: it has the same principal, may do the same, and does
not outlive it.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from shared.admission import LOOKED_AFTER_SECONDS, REMEMBERED_SECONDS, Credential, Tokens, token_hash
from shared.clock import Clock
from shared.collections import SESSIONS, SIGN_IN_LINKS
from shared.contracts.principal import Principal, Token
from shared.contracts.session import BrowserSession, SignInLink
from shared.contracts.values import instant_text
from shared.remembered import Remembered
from shared.store.port import Changes, Collection, DocumentStore, Range, StoreUnavailableError, Where

LINK_LASTS = timedelta(minutes=10)
MOST_OF_A_TOKEN = 100
"""Sessions, and links, of one token: of more than that, those end that have been unused for longest."""
NOTED_USES = 50
"""How often a session that is used all the time is stored anew while it could stay unused."""
REMOVED_AT_ONCE = 1_000

log = structlog.get_logger()


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lasts."""

    unused: timedelta
    """After so long without a call it is over."""
    longest: timedelta
    """After so long it is over, however much it is used."""


class Sessions:
    """The sessions that the store knows; as an ``Authenticator``, they and the tokens."""

    def __init__(self, store: DocumentStore, tokens: Tokens, clock: Clock, limits: SessionLimits) -> None:
        self._store = store
        self._tokens = tokens
        self._clock = clock
        self._limits = limits
        self._remembered: Remembered[BrowserSession] = Remembered()

    async def authenticate(self, credential: Credential) -> Principal | None:
        """The principal that this session, or this token, stands for; none where it is none, or over."""
        if credential.kind == "token":
            return await self._tokens.authenticate(credential)
        session = await self.of(credential.secret)
        if session is None:
            return None
        await self._note_use(session)
        return await self._principal(session)

    async def is_still_known(self, credential: Credential) -> bool:
        """Whether this session, or this token, is still there. Where the store is away, it is, unless it is over."""
        if credential.kind == "token":
            return await self._tokens.is_still_known(credential)
        try:
            session = await self.of(credential.secret, within=LOOKED_AFTER_SECONDS)
            return session is not None and await self._principal(session, LOOKED_AFTER_SECONDS) is not None
        except StoreUnavailableError:
            return True

    async def of(self, secret: str, *, within: float = REMEMBERED_SECONDS) -> BrowserSession | None:
        """The session that this is the secret of, unless it is over, as it was within so many seconds."""
        hashed = token_hash(secret)

        async def ask() -> BrowserSession | None:
            document = await self._store.get(SESSIONS, hashed)
            return None if document is None else BrowserSession.model_validate(document)

        session = await self._remembered.get(hashed, within, ask)
        return session if session is not None and self._clock() < session.expires_at else None

    async def _principal(self, session: BrowserSession, within: float = REMEMBERED_SECONDS) -> Principal | None:
        token = await self._tokens.with_uid(session.token, session.token_uid, within=within)
        return None if token is None else token.principal

    async def _note_use(self, session: BrowserSession) -> None:
        """Have it last on, which is stored seldom enough to cost nothing."""
        expires_at = self._expiry(self._clock(), session.ends_at)
        if expires_at - session.expires_at < self._limits.unused / NOTED_USES:
            return
        with suppress(StoreUnavailableError):  # the next call has another chance
            where, changes = {"id": session.id}, Changes(set={"expires_at": instant_text(expires_at)})
            if await self._store.change(SESSIONS, where, changes):
                self._remembered.put(session.id, session.model_copy(update={"expires_at": expires_at}))
            else:
                self._remembered.forget(session.id)

    def _expiry(self, now: datetime, ends_at: datetime) -> datetime:
        return min(now + self._limits.unused, ends_at)

    async def open(self, token: Token) -> tuple[str, BrowserSession]:
        """A new session of this token, and its secret, which nobody can read again."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        ends_at = now + self._limits.longest
        session = BrowserSession(
            id=token_hash(secret),
            token=token.id,
            token_uid=token.uid,
            created_at=now,
            expires_at=self._expiry(now, ends_at),
            ends_at=ends_at,
        )
        await self._make_room(SESSIONS, token)
        await self._store.insert(SESSIONS, session.model_dump(mode="json"))
        log.info("session.opened", name=token.id)
        return secret, session

    async def end(self, secret: str) -> None:
        """End a session, which may be over. Here it opens nothing from now on, elsewhere after seconds."""
        session = await self.of(secret)
        hashed = token_hash(secret)
        self._remembered.forget(hashed)
        if await self._store.delete(SESSIONS, {"id": hashed}) and session is not None:
            log.info("session.ended", name=session.token)

    async def end_all_of(self, token: Token) -> None:
        """End the sessions of a token that is gone, and let none of its links sign in any more."""
        for collection in (SESSIONS, SIGN_IN_LINKS):
            await self._store.delete(collection, {"token_uid": token.uid})

    async def make_link(self, token: Token) -> tuple[str, SignInLink]:
        """A link that signs in with this token, and what stands in it, which nobody can read again."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        link = SignInLink(
            id=token_hash(secret), token=token.id, token_uid=token.uid, created_at=now, expires_at=now + LINK_LASTS
        )
        await self._make_room(SIGN_IN_LINKS, token)
        await self._store.insert(SIGN_IN_LINKS, link.model_dump(mode="json"))
        return secret, link

    async def used_link(self, secret: str) -> Token | None:
        """The token that a link signs in with, for the one who uses it first; none where it is used, or too old."""
        hashed = token_hash(secret)
        document = await self._store.get(SIGN_IN_LINKS, hashed)
        unused: Where = {"id": hashed, "expires_at": Range(above=instant_text(self._clock()))}
        if document is None or await self._store.delete(SIGN_IN_LINKS, unused) == 0:
            return None
        link = SignInLink.model_validate(document)
        return await self._tokens.with_uid(link.token, link.token_uid)

    async def _make_room(self, collection: Collection, token: Token) -> None:
        """Leave room for one more of this token: those go that end first."""
        limit = 2 * MOST_OF_A_TOKEN  # as several that are made at the same time may each be the last one
        found = await self._store.find(
            collection, {"token_uid": token.uid}, order_by="expires_at", limit=limit, fields=()
        )
        for one in found[: max(0, len(found) - MOST_OF_A_TOKEN + 1)]:
            await self._store.delete(collection, {"id": one["id"]})


async def remove_expired(store: DocumentStore, now: datetime) -> None:
    """Remove the sessions and links that are over."""
    over = {"expires_at": Range(at_most=instant_text(now))}
    for collection in (SESSIONS, SIGN_IN_LINKS):
        while await store.delete(collection, over, limit=REMOVED_AT_ONCE) == REMOVED_AT_ONCE:
            pass
