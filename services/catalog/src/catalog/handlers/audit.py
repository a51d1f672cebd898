"""The audit of what the catalog owns: each version of a definition, each token made or deleted, is entered once.

A version and a token say by a mark of their own that no entry tells of them yet; of a token that is deleted a note is
stored before it is gone. So whatever dies in between, the next turn of any catalog enters what is left.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from shared.audit import ChainBreak, ChainCheck, audit_head, enter, entries_from
from shared.clock import Clock
from shared.collections import AUDIT, REMOVED_TOKENS, TOKENS
from shared.contracts.audit import AuditFact, AuditHead
from shared.contracts.principal import RemovedToken, Token
from shared.contracts.run import ControlKind
from shared.contracts.values import instant_text
from shared.definitions import Change, version_id
from shared.kinds import KINDS, Kind
from shared.store.port import Changes, Condition, Document, DocumentStore, Range, Scalar

MOST_IN_A_TURN = 500
"""Of a kind; the next turn has the rest."""

TOLD_OF = frozenset({*KINDS, "token", "run"})
"""What entries tell of: the words of the kinds, and these."""
ENTRY_KINDS = frozenset(
    {
        *(f"{word}.{change}" for word in (*KINDS, "token") for change in get_args(Change)),
        *(f"run.{what}" for what in ("requested", *get_args(ControlKind))),
    }
)
"""What was done, as entries say it."""

Unmark = Callable[[], Awaitable[object]]


async def enter_all(store: DocumentStore, clock: Clock) -> int:
    """Enter all that has no entry yet; how many entries are new."""
    found = [one for kind in KINDS.values() for one in await _versions(store, kind)]
    found += await _tokens(store)
    found.sort(key=lambda one: one[0].at)  # which leaves versions of one name in their order, as it is stable
    entered = await enter(store, [fact for fact, _ in found], clock)
    for _, unmark in found:
        await unmark()
    return entered


async def _versions(store: DocumentStore, kind: Kind[Any]) -> list[tuple[AuditFact, Unmark]]:
    found = await store.find(kind.versions, {"unaudited": Range()}, order_by="unaudited", limit=MOST_IN_A_TURN)
    found.sort(key=lambda version: (version["at"], version["name"], version["number"]))
    return [(await _fact_of_version(store, kind, version), _unmark(store, kind, version["id"])) for version in found]


def _unmark(store: DocumentStore, kind: Kind[Any], id_: str) -> Unmark:
    return lambda: store.change(kind.versions, {"id": id_}, Changes(unset=("unaudited",)))


async def _fact_of_version(store: DocumentStore, kind: Kind[Any], version: Document) -> AuditFact:
    number = version["number"]
    before = None if version["change"] == "created" else version_id(version["name"], number - 1)
    old = None if before is None else await store.get(kind.versions, before)
    details = {"version": number, **_digest("old", old), **_digest("new", version)}
    return AuditFact.model_validate(
        {
            "source": f"{kind.word}/{version['id']}",
            "kind": f"{kind.word}.{version['change']}",
            "of": kind.word,
            "name": version["name"],
            "details": details,
            **{name: version.get(name) for name in ("at", "by", "principal_id", "origin")},
            "note": version["note"],
        }
    )


def _digest(name: str, version: Document | None) -> dict[str, object]:
    """A version by its number and the SHA-256 of its definition, by which a change of the stored one is noticed."""
    text = None if version is None else version.get("definition")
    if version is None or text is None:
        return {}
    return {name: {"version": version["number"], "sha256": hashlib.sha256(text.encode()).hexdigest()}}


async def _tokens(store: DocumentStore) -> list[tuple[AuditFact, Unmark]]:
    made = await store.find(TOKENS, {"unaudited": Range()}, order_by="unaudited", limit=MOST_IN_A_TURN)
    removed = await store.find(REMOVED_TOKENS, {}, limit=MOST_IN_A_TURN)
    found: list[tuple[AuditFact, Unmark]] = []
    for document in made:
        token = Token.model_validate(document)
        found.append((_made(token), _unmark_token(store, token)))
    for document in removed:
        gone = RemovedToken.model_validate(document)
        # Whoever noted this may have died before the token was gone.
        await store.delete(TOKENS, {"id": gone.token.id, "hash": gone.token.hash})
        if gone.token.unaudited is not None:
            found.append((_made(gone.token), _nothing))
        found.append((_removed(gone), _forget_note(store, gone)))
    return found


def _unmark_token(store: DocumentStore, token: Token) -> Unmark:
    where = {"id": token.id, "hash": token.hash}
    return lambda: store.change(TOKENS, where, Changes(unset=("unaudited",)))


def _forget_note(store: DocumentStore, gone: RemovedToken) -> Unmark:
    return lambda: store.delete(REMOVED_TOKENS, {"id": gone.id})


async def _nothing() -> None:
    """The mark goes with the token."""


def _made(token: Token) -> AuditFact:
    return AuditFact(
        source=f"token/{token.uid}/created",
        kind="token.created",
        of="token",
        at=token.created_at,
        by=token.made_by,
        principal_id=token.made_by_id,
        origin=token.origin,
        name=token.id,
        details=_shown(token),
    )


def _removed(gone: RemovedToken) -> AuditFact:
    return AuditFact(
        source=f"token/{gone.id}/deleted",
        kind="token.deleted",
        of="token",
        at=gone.at,
        by=gone.by,
        principal_id=gone.principal_id,
        origin=gone.origin,
        name=gone.token.id,
        details=_shown(gone.token),
    )


def _shown(token: Token) -> dict[str, Any]:
    return {"uid": token.uid, "role": token.role, "kind": token.kind}


@dataclass(frozen=True)
class AuditFilter:
    """Which entries are asked for: all that is given has to hold."""

    principal: str | None = None
    """A token by its name or its uid, or the name of an alert rule or a schedule."""
    kind: str | None = None
    """``action.changed``; or ``action``: all that was done to one."""
    name: str | None = None
    run: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def where(self) -> dict[str, Condition]:
        """The same for the store."""
        is_uid = self.principal is not None and self.principal.isupper()  # names are in lower case
        named: dict[str, Condition] = {
            "principal_id" if is_uid else "by": self.principal,
            "kind" if self.kind is not None and "." in self.kind else "of": self.kind,
            "name": self.name,
            "run_id": self.run,
        }
        where: dict[str, Condition] = {key: value for key, value in named.items() if value is not None}
        if self.since is not None or self.until is not None:
            texts = [None if one is None else instant_text(one) for one in (self.since, self.until)]
            where["at"] = Range(at_least=texts[0], at_most=texts[1])
        return where


MOST_CHECKED = 5_000
"""Entries that one request walks; whoever asks goes on behind them."""


@dataclass(frozen=True)
class CheckedPart:
    """What a walk along a part of the chain has found."""

    last: AuditHead
    """The last entry that holds."""
    broken: ChainBreak | None
    is_end: bool
    """Whether the chain ends there."""


async def check_part(store: DocumentStore, after: AuditHead, expected: AuditHead | None) -> CheckedPart:
    """Walk the chain on from an entry that holds. ``expected`` is a place in it that somebody has kept."""
    stored = await audit_head(store)  # before the entries, of which more may come meanwhile
    check = ChainCheck(expected, after=after)
    async for page in entries_from(store, after.number + 1):
        for entry in page:
            if (broken := check.take(entry)) is not None:
                return CheckedPart(check.head, broken, is_end=False)
            if check.head.number - after.number >= MOST_CHECKED:
                return CheckedPart(check.head, None, is_end=False)
    return CheckedPart(check.head, check.end(stored), is_end=True)


async def list_entries(
    store: DocumentStore, wanted: AuditFilter, after: tuple[Scalar, str] | None, limit: int
) -> list[Document]:
    """Entries, what was done last first; behind the one with this instant and id."""
    return await store.find(AUDIT, wanted.where(), order_by="at", descending=True, after=after, limit=limit)
