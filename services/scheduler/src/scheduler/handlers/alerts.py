"""Whether the alerts that a run answers are over, as the store has it."""

from scheduler.domain.conditions import AlertAnswer
from shared.collections import ALERTS
from shared.contracts.trigger import Trigger
from shared.store.port import DocumentStore, OneOf


async def alerts_over(store: DocumentStore, trigger: Trigger) -> AlertAnswer:
    """Whether all are resolved: that of the trigger, and those whose runs it stands for.

    Nobody can say of one that is not stored any more that it fires, so it counts as over.
    """
    ids = tuple(one for one in (trigger.alert_id, *trigger.joined_alerts) if one is not None)
    found = await store.find(ALERTS, {"id": OneOf(ids)}, limit=len(ids))
    if any(document["alert"]["status"] != "resolved" for document in found):
        return AlertAnswer(is_over=False)
    if not found:
        return AlertAnswer(is_over=True, why="its alert is not stored any more")
    ended = max(document["alert"].get("ends_at") or document["last_received_at"] for document in found)
    whose = "its alert was" if len(ids) == 1 else "all its alerts were"
    return AlertAnswer(is_over=True, why=f"{whose} resolved before it began, at {ended}")
