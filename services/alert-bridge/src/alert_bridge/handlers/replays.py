"""A delivery that was kept is decided again, as somebody asked for: as it was received, without verifying it anew."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog

from alert_bridge.domain.decisions import plan_for
from alert_bridge.domain.episodes import times_asked
from alert_bridge.domain.source import NotJsonError
from alert_bridge.handlers.alerts import receive_alerts, to_do
from alert_bridge.handlers.deliveries import NotKeptError, kept_delivery
from alert_bridge.handlers.rules import facts_for
from alert_bridge.handlers.runs import as_stored, finish
from alert_bridge.ports import AlertBridgeContext, Rules
from shared.alerts import stored_alert_of
from shared.collections import ALERT_DELIVERIES, ALERTS
from shared.contracts.delivery import MOST_IDS
from shared.contracts.values import instant_text
from shared.store.port import Changes, Document, OneOf

LEFT_FOR = timedelta(seconds=5)
"""What was asked for longer ago was heard by nobody."""
PAGE = 100

log = structlog.get_logger()


async def finish_replays(context: AlertBridgeContext) -> None:
    """Do every replay that was asked for and that nobody did: the sweep."""
    left_before = instant_text(context.clock() - LEFT_FOR)
    where = {"replay.state": "requested"}
    for document in await context.store.find(ALERT_DELIVERIES, where, limit=PAGE, fields=("replay",)):
        if document["replay"]["requested_at"] > left_before:
            continue
        try:
            await replay(context, document["id"])
        except Exception as error:  # noqa: BLE001 - whatever it was, it stays requested, and others come after it
            log.warning("alerts.replay_left", delivery_id=document["id"], error=str(error) or type(error).__name__)


async def replay(context: AlertBridgeContext, delivery_id: str) -> None:
    """Decide a delivery again, if that is asked for in the store; done twice, it is the same.

    An episode that it led to, and that fires still without a run, is asked about again; one that has had its run stays
    as it is. What it did not lead to is taken as if it came now.
    """
    document = await context.store.get(ALERT_DELIVERIES, delivery_id)
    if document is None or (document.get("replay") or {}).get("state") != "requested":
        return
    try:
        state, result = "done", await _decide(context, document)
    except (NotKeptError, NotJsonError) as error:
        state, result = "failed", {"reason": f"it cannot be decided again: {error}", "alerts": [], "runs": []}
    over = {"state": state, "ended_at": instant_text(context.clock()), **result}
    where = {"id": delivery_id, "replay.state": "requested"}
    changes = Changes(set={f"replay.{name}": value for name, value in over.items()})
    if await context.store.change(ALERT_DELIVERIES, where, changes):
        log.info("alerts.replayed", delivery_id=delivery_id, by=document["replay"]["by"], **over)


async def _decide(context: AlertBridgeContext, document: Document) -> dict[str, Any]:
    source = context.sources.get(document["source"])
    if source is None:
        message = f"there is no source '{document['source']}' any more"
        raise NotKeptError(message)
    kept = await kept_delivery(context, document)
    batch = await asyncio.to_thread(source.read, kept.delivery)
    reports = [report.of_integration(document.get("integration", "")) for report in batch.reports]
    episodes = await _episodes(context, kept.alerts)
    known = {one["alert"]["fingerprint"]: one for one in episodes}
    rules = await context.rules()
    ids: list[str] = []
    for report in reports:
        episode = known.get(report.alert.fingerprint)
        if episode is not None:
            ids.append(episode["id"])
            if report.alert.status == "firing":
                await _ask_again(context, episode["id"], rules)
    unknown = [report for report in reports if report.alert.fingerprint not in known]
    ids += await receive_alerts(context, unknown, batch.warnings)
    before = {run for one in episodes for run in one["runs"]}
    after = [run for one in await _episodes(context, ids) for run in one["runs"]]
    made = len(set(after) - before)
    reason = f"{_many(len(ids), 'alert')}, of which {len(unknown)} had not been stored; {_many(made, 'run')} requested"
    return {"reason": reason, "alerts": ids[:MOST_IDS], "runs": after[:MOST_IDS]}


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


async def _episodes(context: AlertBridgeContext, ids: Sequence[str]) -> list[Document]:
    """Those of these episodes that there are, the oldest first."""
    unique, found = list(dict.fromkeys(ids)), list[Document]()
    for start in range(0, len(unique), PAGE):
        page = tuple(unique[start : start + PAGE])
        found += await context.store.find(ALERTS, {"id": OneOf(page)}, limit=PAGE)
    return found


async def _ask_again(context: AlertBridgeContext, episode: str, rules: Rules) -> None:
    """Ask the rules about an episode that fires and has led to no run, as if they had not been asked."""
    while (document := await context.store.get(ALERTS, episode)) is not None:
        known = stored_alert_of(document)
        if known.alert.status == "resolved" or known.runs or document["pending"]:
            return
        firing = known.alert.model_copy(update={"status": "firing"})
        facts = await facts_for(context, rules, firing, besides=known.id)
        plan = plan_for(firing, rules, context.clock(), episode=known.id, facts=facts)
        changes = {"decisions": as_stored(plan.decisions), "asked": max(1, times_asked(known)), **to_do(plan)}
        where = {"id": episode, "version": document["version"]}
        if await context.store.change(ALERTS, where, Changes(set=changes)):
            await finish(context, document | changes)
            return
