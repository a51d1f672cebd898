"""The master key of a process: whether it is the one that this installation has used so far, and which other processes
use now.
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from shared.clock import Clock
from shared.collections import MASTER_KEY_USES, MASTER_KEYS, SECRETS
from shared.contracts.values import instant_text
from shared.definitions import unreadable_secrets
from shared.encryption import Sealer
from shared.store.port import Changes, DocumentStore, DuplicateKeyError, Range, pages

MOST_NAMES = 20
"""In one line of the log."""
MOST_KEYS = 100
USE_NOTED_EVERY = 60.0
"""Seconds between two notes of a process that it uses its master key."""
IN_USE_FOR = timedelta(seconds=3 * USE_NOTED_EVERY)
"""How long a note counts: a process that has left none for so long is taken to have ended."""

log = structlog.get_logger()


async def check_master_key(store: DocumentStore, sealer: Sealer, clock: Clock) -> None:
    """Say at the start what would be found out one step after the other: this key is not the one in use.

    The stored secrets tell best. Where there is none, it is the id of the key that the first service left; it is a
    function of the key, so two keys never have the same. A key that opens every secret has replaced those before it.
    """
    if names := await unreadable_secrets(store, sealer):
        fix = "put the right master key back, or set these secrets anew"
        key = sealer.key_id
        log.error("master_key.does_not_open", key_id=key, secrets=names[:MOST_NAMES], number=len(names), fix=fix)
        return
    others = await _other_keys(store, sealer.key_id)
    if others and await store.find(SECRETS, {}, limit=1):
        for other in others:
            await store.delete(MASTER_KEYS, {"id": other})
        others = []
    if not others:
        await _leave_id(store, sealer.key_id, clock)
        others = await _other_keys(store, sealer.key_id)  # another service may have started at the same time
    if others:
        fix = "give every service the same master key; where this is the right one, save a secret and start again"
        log.error("master_key.differs", key_id=sealer.key_id, used_before=others, fix=fix)


async def _other_keys(store: DocumentStore, key_id: str) -> list[str]:
    return [known["id"] for known in await store.find(MASTER_KEYS, {}, limit=MOST_KEYS) if known["id"] != key_id]


async def _leave_id(store: DocumentStore, key_id: str, clock: Clock) -> None:
    try:
        await store.insert(MASTER_KEYS, {"id": key_id, "since": instant_text(clock())})
    except DuplicateKeyError:
        return  # it was left before


class MasterKeyUse:
    """What a process leaves in the store for as long as it uses its master key: which one, and for which services.

    Secrets tell of the key of the process that reads them alone. Where another service has another key, nobody notices
    before a step fails; so each process says which it has, and whoever is asked compares.
    """

    def __init__(self, store: DocumentStore, key_id: str, instance: str, clock: Clock) -> None:
        self._store = store
        self._key_id = key_id
        self._instance = instance
        self._clock = clock

    async def note(self, services: Sequence[str]) -> None:
        """Note that the key is in use now, and forget the processes that have ended without a word."""
        now = self._clock()
        seen = {"seen_at": instant_text(now)}
        if not await self._store.change(MASTER_KEY_USES, {"id": self._instance}, Changes(set=seen)):
            use = {"id": self._instance, "key_id": self._key_id, "services": list(services), **seen}
            await self._store.insert(MASTER_KEY_USES, use)
        await self._store.delete(MASTER_KEY_USES, {"seen_at": Range(below=instant_text(now - IN_USE_FOR))})

    async def end(self) -> None:
        """Take the note back: the process ends."""
        await self._store.delete(MASTER_KEY_USES, {"id": self._instance})


async def master_keys_in_use(store: DocumentStore, clock: Clock) -> dict[str, list[str]]:
    """The names of the services that run, by the id of their master key; one key where all is well."""
    found: dict[str, set[str]] = {}
    where = {"seen_at": Range(at_least=instant_text(clock() - IN_USE_FOR))}
    async for page in pages(store, MASTER_KEY_USES, where):
        for use in page:
            found.setdefault(use["key_id"], set()).update(use["services"])
    return {key_id: sorted(found[key_id]) for key_id in sorted(found)}
