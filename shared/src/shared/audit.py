"""The audit's chain: facts become entries, each of which holds the hash of the one before.

What an entry tells of is stored already: a version of a definition, a run, what a run was told. So no crash loses one:
whoever finds a fact without an entry enters it, and ``source`` says which have one. The head of the chain is one
document, changed under compare-and-set together with the entries that come next; only then are these inserted. Of any
number of processes that enter at once one moves the head, and the others begin anew behind its entries. A crash between
the two leaves entries that stand in the head alone: whoever comes next inserts them first.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.clock import Clock
from shared.collections import AUDIT, AUDIT_CHAIN
from shared.contracts.audit import AuditFact, AuditHead, entry_id
from shared.contracts.values import instant_text
from shared.store.port import Document, DocumentStore, DuplicateKeyError, Insert, OneOf, Range, pages

HEAD = "head"
MOST_AT_ONCE = 100
"""Entries that are chained in one write of the head, and stand in it until the next."""
_UNHASHED = ("hash", "version")
"""Fields of a stored entry that are not hashed: the hash itself, and the number that the store keeps."""


def entry_hash(entry: Mapping[str, Any]) -> str:
    """The hash that an entry has to have: SHA-256 of its canonical JSON in UTF-8, in hex.

    That is the entry without ``hash``, its keys sorted by code point at every depth, no blanks, every character as it
    is but for those that JSON has to escape. It holds texts, whole numbers, true, false, null, lists and objects.
    """
    hashed = {name: value for name, value in entry.items() if name not in _UNHASHED}
    text = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def chained(head: AuditHead, facts: Iterable[AuditFact], entered_at: str) -> list[Document]:
    """The entries that tell of these facts, behind the head."""
    entries: list[Document] = []
    number, previous = head.number, head.hash
    for fact in facts:
        number += 1
        entry = {
            **fact.model_dump(mode="json", exclude_none=True),
            "id": entry_id(number),
            "number": number,
            "entered_at": entered_at,
            "previous": previous,
        }
        previous = entry_hash(entry)
        entries.append({**entry, "hash": previous})
    return entries


@dataclass(frozen=True)
class ChainBreak:
    """Where a chain does not hold, and what that means."""

    number: int
    """Of the first entry that is not as it was written, or is not there."""
    meaning: str


class ChainCheck:
    """Walks a chain entry by entry, from the first one on, or from behind one that holds."""

    def __init__(self, expected: AuditHead | None = None, *, after: AuditHead | None = None) -> None:
        """``expected`` is a place in the chain that somebody has kept: the entry of that number had that hash."""
        self.head = after or AuditHead()
        """The last entry that held."""
        self._expected = expected

    def take(self, entry: Mapping[str, Any]) -> ChainBreak | None:
        """Look at the next entry; what is wrong with it, if anything is."""
        number = self.head.number + 1
        if (meaning := self._lack_of(entry, number)) is not None:
            return ChainBreak(number, meaning)
        self.head = AuditHead(number=number, hash=entry["hash"])
        return None

    def _lack_of(self, entry: Mapping[str, Any], number: int) -> str | None:
        there = entry.get("number")
        if there != number and number == 1:
            return (
                f"number {there} comes first: the entries before were removed, or left out when these were exported "
                "with --from"
            )
        if there != number:
            return f"entry {number} is missing: number {there} comes next, so somebody removed what stood between"
        if entry.get("previous") != self.head.hash:
            return (
                f"entry {number} keeps another hash of entry {number - 1} than that has: one of them was written anew"
            )
        if entry.get("hash") != entry_hash(entry):
            return f"what entry {number} says does not have its hash: somebody changed it after it was written"
        if self._expected is not None and self._expected.number == number and self._expected.hash != entry["hash"]:
            return f"entry {number} does not have the hash that was kept of it: the chain was written anew up to here"
        return None

    def end(self, stored: AuditHead | None = None) -> ChainBreak | None:
        """After the last entry: whether any are missing at the end. ``stored`` is what the store says is the end."""
        last = self.head
        for known, who in ((stored, "the store counts"), (self._expected, "a hash was kept of entry")):
            if known is not None and known.number > last.number:
                meaning = (
                    f"the chain ends with entry {last.number}, and {who} {known.number}: the last ones were removed"
                )
                return ChainBreak(last.number + 1, meaning)
        if stored is not None and stored.number == last.number and stored.hash != last.hash:
            meaning = f"entry {last.number} does not have the hash that the store keeps of it: one of them was changed"
            return ChainBreak(last.number, meaning)
        return None


async def enter(store: DocumentStore, facts: Sequence[AuditFact], clock: Clock) -> int:
    """Enter these facts in their order, those that have an entry already left out; how many were new."""
    entered = 0
    for first in range(0, len(facts), MOST_AT_ONCE):
        part = facts[first : first + MOST_AT_ONCE]
        while (done := await _enter(store, part, clock)) is None:
            pass
        entered += done
    return entered


async def _enter(store: DocumentStore, facts: Sequence[AuditFact], clock: Clock) -> int | None:
    """The same for a part; none where another process was faster."""
    document = await store.get(AUDIT_CHAIN, HEAD)
    if document is not None:
        await _insert(store, document["entries"])
    known = await _known(store, [fact.source for fact in facts])
    # A fact may be handed over twice at once, too.
    new = list({fact.source: fact for fact in facts if fact.source not in known}.values())
    if not new:
        return 0
    head = await _head_in(store, document)
    entries = chained(head, new, instant_text(clock()))
    moved = {"id": HEAD, "number": entries[-1]["number"], "hash": entries[-1]["hash"], "entries": entries}
    if document is None:
        try:
            await store.insert(AUDIT_CHAIN, moved)
        except DuplicateKeyError:
            return None
    elif not await store.replace(AUDIT_CHAIN, moved, version=document["version"]):
        return None
    await _insert(store, entries)
    return len(entries)


async def _known(store: DocumentStore, sources: Sequence[str]) -> set[str]:
    wanted = tuple(dict.fromkeys(sources))
    found = await store.find(AUDIT, {"source": OneOf(wanted)}, limit=len(wanted), fields=("source",))
    return {entry["source"] for entry in found}


async def _insert(store: DocumentStore, entries: Sequence[Document]) -> None:
    """Insert the entries of a head, but those that are there."""
    if not entries:
        return
    there = await store.count(AUDIT, {"id": Range(at_least=entries[0]["id"], at_most=entries[-1]["id"])})
    if there < len(entries):
        await store.write_in_order([Insert(AUDIT, entry) for entry in entries])


async def _head_in(store: DocumentStore, document: Document | None) -> AuditHead:
    """Where the chain ends. A head that is missing, as after a restore that left it out, is the newest entry: else
    what comes next would stand nowhere, as its numbers are taken.
    """
    newest = [document] if document is not None else await store.find(AUDIT, {}, descending=True, limit=1)
    return AuditHead(number=newest[0]["number"], hash=newest[0]["hash"]) if newest else AuditHead()


async def audit_head(store: DocumentStore) -> AuditHead:
    """Where the chain ends, once all entries up to there can be read."""
    document = await store.get(AUDIT_CHAIN, HEAD)
    if document is not None:
        await _insert(store, document["entries"])
    return await _head_in(store, document)


async def entries_from(store: DocumentStore, number: int) -> AsyncIterator[list[Document]]:
    """The entries from this number on in the order of the chain, page by page, as they were hashed."""
    async for page in pages(store, AUDIT, {"id": Range(at_least=entry_id(number))}):
        yield [{name: value for name, value in entry.items() if name != "version"} for entry in page]
