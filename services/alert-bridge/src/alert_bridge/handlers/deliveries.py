"""What was posted: counted, told in the log where it was not taken or not understood, and the newest of it kept.

What was taken is kept whole, compressed and sealed, so that it can be decided again; what was refused by its
beginning.
"""

import asyncio
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from prometheus_client import Counter

from alert_bridge.domain.source import Integration, ReceivedDelivery
from alert_bridge.ports import AlertBridgeContext
from shared.alerts import bound_to_delivery, delivery_document
from shared.bites import Bites
from shared.clock import new_id
from shared.collections import ALERT_DELIVERIES, ALERTS
from shared.contracts.delivery import MOST_IDS, AlertDelivery, DeliveryOutcome
from shared.contracts.values import instant_text
from shared.encryption import MasterKeyError
from shared.redaction import shown, without_tokens
from shared.store.port import Condition, Document, Range, StoreError

MOST_KEPT = 100
"""Refused ones, of each source."""
MOST_TAKEN_KEPT = 1_000
"""Accepted ones of each source; and unreadable ones, and alerts that could not be read."""
MOST_BYTES_KEPT = 256 * 1024 * 1024
"""Of the bodies of those, as they are stored."""
LONGEST_BODY_KEPT = 8 * 1024 * 1024
"""In bytes."""
LOOKED_THROUGH_EVERY = 50
"""So many more are stored by one instance before it looks whether there are too many."""
BEGINNING_KEPT = 4_096
"""In bytes, of what was taken."""
LONGEST_LOGGED = 200
LONGEST_REASON = 500
"""In characters."""
PACKED_ASIDE = 64 * 1024
"""Bytes; a larger body is compressed in a thread."""
_NOT_KEPT = frozenset(("authorization", "proxy-authorization", "cookie"))
"""Headers that let their sender in: a replay needs none of them."""

log = structlog.get_logger()

DELIVERIES = Counter(
    "opsimate_alert_deliveries_total",
    "Posts to the webhooks: accepted, unreadable (taken, but not understood), refused, unavailable (the store is away)",
    ["source", "outcome"],
)


@dataclass(frozen=True)
class Taken:
    """A delivery that was taken, and what came of it."""

    delivery: ReceivedDelivery
    integration: Integration
    address: str
    alerts: Sequence[str]
    """The ids of its alerts."""
    not_understood: str | None
    """The first sentence about something in it that could not be understood."""
    recorded: str | None = None
    """The first sentence about something in it that is no alert, such as a test."""


async def note_taken(context: AlertBridgeContext, taken: Taken) -> None:
    """Count the delivery, keep it whole, and tell where something in it was not understood."""
    source, reason = taken.integration.source, taken.not_understood
    outcome: DeliveryOutcome = "accepted" if reason is None else "unreadable"
    DELIVERIES.labels(source, outcome).inc()
    size, delivery_id = len(taken.delivery.body), new_id()
    beginning = taken.delivery.body or taken.delivery.query.encode()
    delivery = AlertDelivery(
        id=delivery_id,
        source=source,
        integration=taken.integration.name,
        outcome=outcome,
        status=202,
        reason=without_tokens(reason or taken.recorded or "")[:LONGEST_REASON],
        address=taken.address,
        beginning=beginning[:BEGINNING_KEPT].decode(errors="replace"),
        size=size,
        replayable=size <= LONGEST_BODY_KEPT,
        alerts=list(taken.alerts[:MOST_IDS]),
        received_at=taken.delivery.received_at,
    )
    packing = (context, delivery_id, taken)
    content = await asyncio.to_thread(_packed, *packing) if size > PACKED_ASIDE else _packed(*packing)
    if reason is not None:
        passed_over = context.allowance.take(f"{source} {delivery.status}", context.clock())
        if passed_over is not None:
            _log(delivery, beginning, passed_over)
    document = delivery_document(delivery, context.sealer) | {"kept_bytes": len(content), "content": content}
    try:
        await context.store.insert(ALERT_DELIVERIES, document)
        key = f"{source} {outcome}"
        context.kept_since[key] += 1 + len(content) * MOST_TAKEN_KEPT // MOST_BYTES_KEPT
        if context.kept_since[key] >= LOOKED_THROUGH_EVERY:
            context.kept_since[key] = 0
            await _forget(context, source, outcome)
    except StoreError as error:
        log.warning("alerts.delivery_not_kept", source=source, error=str(error))


async def note_not_taken(
    context: AlertBridgeContext, *, source: str, status: int, reason: str, address: str, beginning: bytes
) -> None:
    """Count the refused post; log and keep its beginning, unless many of its kind came lately.

    Of what comes without being verified, which anybody can send, the body is neither logged nor kept, and of each
    source there is one entry that counts.
    """
    DELIVERIES.labels(source, "refused").inc()
    without_token = status in (401, 403)
    passed_over = context.allowance.take(f"{source} {status}", context.clock())
    if passed_over is None:
        return
    delivery = AlertDelivery(
        id=new_id(),
        source=source,
        outcome="unauthorized" if without_token else "refused",
        status=status,
        reason=without_tokens(reason)[:LONGEST_REASON],
        address=address,
        beginning="" if without_token else beginning.decode(errors="replace"),
        received_at=context.clock(),
    )
    _log(delivery, b"" if without_token else beginning, passed_over)
    try:
        if without_token:
            await _keep_count(context, delivery, passed_over)
        else:
            await context.store.insert(ALERT_DELIVERIES, delivery_document(delivery, context.sealer))
            await _forget(context, source, delivery.outcome)
    except StoreError as error:
        log.warning("alerts.delivery_not_kept", source=source, error=str(error))


def _log(delivery: AlertDelivery, beginning: bytes, passed_over: int) -> None:
    log.warning(
        "alerts.unreadable" if delivery.outcome == "unreadable" else "alerts.refused",
        source=delivery.source,
        status=delivery.status,
        reason=delivery.reason,
        address=delivery.address,
        body=shown(beginning, LONGEST_LOGGED),
        not_logged_before=passed_over,
    )


async def _keep_count(context: AlertBridgeContext, delivery: AlertDelivery, passed_over: int) -> None:
    """Keep the newest post without a sender, with the count of all, instead of the one before."""
    those: dict[str, Condition] = {"source": delivery.source, "outcome": delivery.outcome}
    before = await context.store.find(ALERT_DELIVERIES, those, limit=MOST_KEPT, fields=("times",))
    counted = delivery.model_copy(update={"times": 1 + passed_over + sum(one.get("times", 1) for one in before)})
    await context.store.insert(ALERT_DELIVERIES, delivery_document(counted, context.sealer))
    if before:
        await context.store.delete(ALERT_DELIVERIES, {**those, "id": Range(at_most=before[-1]["id"])})


# What is kept, and for how long


def _packed(context: AlertBridgeContext, delivery_id: str, taken: Taken) -> bytes:
    """All of a delivery that a replay needs, compressed and sealed."""
    delivery = taken.delivery
    headers = {name: value for name, value in delivery.headers.items() if name.lower() not in _NOT_KEPT}
    about = {"method": delivery.method, "query": delivery.query, "headers": headers, "alerts": list(taken.alerts)}
    # With less memory than by default, which is asked of the system anew for each: most deliveries are small.
    packer = zlib.compressobj(wbits=13, memLevel=6)
    content = packer.compress(json.dumps(about).encode() + b"\n" + delivery.body[:LONGEST_BODY_KEPT]) + packer.flush()
    return context.sealer.seal_bytes(content, bound_to=bound_to_delivery(delivery_id))


@dataclass(frozen=True)
class KeptDelivery:
    """A delivery that was kept whole."""

    delivery: ReceivedDelivery
    alerts: Sequence[str]
    """The ids of the alerts that it led to."""


class NotKeptError(Exception):
    """Nothing is kept of a delivery that could be decided again; the text says why."""


async def kept_delivery(context: AlertBridgeContext, document: Document) -> KeptDelivery:
    """The delivery of a document, whole, as it was received; ``NotKeptError`` where it is not kept."""
    if "content" not in document:
        message = "not all of it is kept"
        raise NotKeptError(message)
    if document["received_at"] < _too_old(context):  # the alert that it led to may be gone
        message = "it is older than deliveries are kept, and is being deleted"
        raise NotKeptError(message)
    try:
        return await asyncio.to_thread(_unpacked, context, document)
    except MasterKeyError as error:
        raise NotKeptError(str(error)) from error


def _unpacked(context: AlertBridgeContext, document: Document) -> KeptDelivery:
    bound_to = bound_to_delivery(document["id"])
    content = zlib.decompress(context.sealer.open_bytes(document["content"], bound_to=bound_to))
    head, _, body = content.partition(b"\n")
    about: Mapping[str, Any] = json.loads(head)
    received_at = datetime.fromisoformat(document["received_at"])
    delivery = ReceivedDelivery(body, about["headers"], received_at, about["query"], about["method"])
    return KeptDelivery(delivery, about["alerts"])


async def forget_old_deliveries(context: AlertBridgeContext) -> None:
    """Forget what was kept for long enough, or is too much: deliveries, and alerts that could not be read."""
    outcomes: tuple[DeliveryOutcome, ...] = ("accepted", "unreadable", "refused", "unauthorized")
    for source in (*context.sources, "unknown"):
        for outcome in outcomes:
            await _forget(context, source, outcome)


async def _forget(context: AlertBridgeContext, source: str, outcome: DeliveryOutcome) -> None:
    those: dict[str, Condition] = {"source": source, "outcome": outcome}
    most = MOST_TAKEN_KEPT if outcome in ("accepted", "unreadable") else MOST_KEPT
    too_old, size = _too_old(context), 0
    fields = ("received_at", "kept_bytes")
    found = await context.store.find(ALERT_DELIVERIES, those, descending=True, limit=most + 1, fields=fields)
    for number, document in enumerate(found):
        size += document.get("kept_bytes", 0)
        if number >= most or size > MOST_BYTES_KEPT or document["received_at"] < too_old:
            await Bites(context.store).delete(ALERT_DELIVERIES, {**those, "id": Range(at_most=document["id"])})
            break
    if outcome == "unreadable":
        await _forget_unreadable_alerts(context, source, too_old)


def _too_old(context: AlertBridgeContext) -> str:
    """What was received before this instant is kept no longer; nothing lies before it where all is kept."""
    keep = context.keep_deliveries
    return "" if keep is None else instant_text(context.clock() - keep)


async def _forget_unreadable_alerts(context: AlertBridgeContext, source: str, too_old: str) -> None:
    those: dict[str, Condition] = {"alert.source": source, "alert.status": "unreadable"}
    await Bites(context.store).delete(ALERTS, {**those, "last_received_at": Range(below=too_old)})
    too_many = await context.store.count(ALERTS, those) - MOST_TAKEN_KEPT
    if too_many > 0:
        oldest = await context.store.find(ALERTS, those, limit=too_many)
        await Bites(context.store).delete(ALERTS, {**those, "id": Range(at_most=oldest[-1]["id"])})
