"""The master key at the start of a process: whether it is the one that this installation has used so far."""

import structlog

from shared.clock import Clock
from shared.collections import MASTER_KEYS, SECRETS
from shared.contracts.values import instant_text
from shared.definitions import unreadable_secrets
from shared.encryption import Sealer
from shared.store.port import DocumentStore, DuplicateKeyError

MOST_NAMES = 20
"""In one line of the log."""
MOST_KEYS = 100

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
