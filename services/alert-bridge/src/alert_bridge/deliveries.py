"""What was posted and not taken, or not understood: counted, told in the log, and the newest of it kept."""

import structlog
from prometheus_client import Counter

from alert_bridge.bridge import Bridge
from alert_bridge.domain.masking import shown, without_tokens
from shared.collections import ALERT_DELIVERIES
from shared.contracts.alert import AlertDelivery, DeliveryOutcome
from shared.ids import new_id
from shared.store.port import Condition, Range, StoreError

MOST_KEPT = 100
"""Of each source."""
LONGEST_KEPT = 1_024
LONGEST_LOGGED = 200
LONGEST_REASON = 500
"""In characters."""

log = structlog.get_logger()

DELIVERIES = Counter(
    "opsimate_alert_deliveries_total",
    "Posts to the webhooks: accepted, unreadable (taken, but not understood), refused, unavailable (the store is away)",
    ["source", "outcome"],
)


async def note_not_taken(
    bridge: Bridge, *, source: str, outcome: DeliveryOutcome, status: int, reason: str, address: str, beginning: bytes
) -> None:
    """Count the post; log and keep it, unless many of its kind came lately.

    Of what comes without a token that may post, which anybody can send, the body is neither logged nor kept, and of
    each source there is one entry that counts.
    """
    DELIVERIES.labels(source, outcome).inc()
    now = bridge.clock()
    passed_over = bridge.allowance.take(f"{source} {status}", now)
    if passed_over is None:
        return
    without_token = status in (401, 403)
    delivery = AlertDelivery(
        id=new_id(),
        source=source,
        outcome="unauthorized" if without_token else outcome,
        status=status,
        reason=without_tokens(reason)[:LONGEST_REASON],
        address=address,
        beginning="" if without_token else shown(beginning, LONGEST_KEPT),
        received_at=now,
    )
    log.warning(
        "alerts.refused" if outcome == "refused" else "alerts.unreadable",
        source=source,
        status=status,
        reason=delivery.reason,
        address=address,
        body=delivery.beginning[:LONGEST_LOGGED],
        not_logged_before=passed_over,
    )
    await (_keep_count(bridge, delivery, passed_over) if without_token else _keep(bridge, delivery))


async def _keep_count(bridge: Bridge, delivery: AlertDelivery, passed_over: int) -> None:
    """Keep the newest post without a token that may post, with the count of all, in the place of the one before."""
    those: dict[str, Condition] = {"source": delivery.source, "outcome": delivery.outcome}
    try:
        before = await bridge.store.find(ALERT_DELIVERIES, those, limit=MOST_KEPT)
        times = 1 + passed_over + sum(AlertDelivery.model_validate(one).times for one in before)
        counted = delivery.model_copy(update={"times": times})
        await bridge.store.insert(ALERT_DELIVERIES, counted.model_dump(mode="json"))
        if before:
            await bridge.store.delete(ALERT_DELIVERIES, {**those, "id": Range(at_most=before[-1]["id"])})
    except StoreError as error:
        log.warning("alerts.delivery_not_kept", source=delivery.source, error=str(error))


async def _keep(bridge: Bridge, delivery: AlertDelivery) -> None:
    of_source = {"source": delivery.source}
    try:
        await bridge.store.insert(ALERT_DELIVERIES, delivery.model_dump(mode="json"))
        too_many = await bridge.store.count(ALERT_DELIVERIES, of_source) - MOST_KEPT
        if too_many > 0:
            oldest = await bridge.store.find(ALERT_DELIVERIES, of_source, limit=too_many)
            await bridge.store.delete(ALERT_DELIVERIES, {**of_source, "id": Range(at_most=oldest[-1]["id"])})
    except StoreError as error:
        log.warning("alerts.delivery_not_kept", source=delivery.source, error=str(error))
