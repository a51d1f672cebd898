"""What the alert-bridge does with alerts: store each once, ask the rules, request the runs.

An alert is inserted together with what the rules said and the runs that are to be made, so that no alert is ever
marked as seen and then lost.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from alert_bridge.bridge import Bridge, Rules
from alert_bridge.domain.decisions import Plan, plan_for
from alert_bridge.domain.identity import identity_of, identity_when_over
from alert_bridge.domain.redelivery import begins_anew, is_first_to_fire, told_by
from alert_bridge.domain.source import Report
from alert_bridge.pending import as_stored, finish
from shared.alerts import stored_alert_document, stored_alert_of
from shared.collections import ALERTS
from shared.contracts.alert import StoredAlert
from shared.ids import new_id
from shared.store.port import Changes, Document, DuplicateKeyError


async def receive_alerts(bridge: Bridge, reports: Sequence[Report]) -> list[str]:
    """Store, or count again, every alert that is reported, and request its runs; the alerts' ids in their order.

    Raises only where at least one alert may not be stored; sending all of them again is always safe.
    """
    rules = await bridge.rules() if any(report.alert.status == "firing" for report in reports) else []
    same: dict[str, list[int]] = {}
    for place, report in enumerate(reports):
        same.setdefault(identity_of(report), []).append(place)
    ids: dict[int, str] = {}

    async def take_in_order(places: list[int]) -> None:
        async with bridge.places:
            for place in places:
                ids[place] = await _take(bridge, reports[place], rules)

    failures = await asyncio.gather(*map(take_in_order, same.values()), return_exceptions=True)
    for failure in failures:
        if failure is not None:
            raise failure
    return [ids[place] for place in range(len(reports))]


async def _take(bridge: Bridge, report: Report, rules: Rules) -> str:
    """Store the alert if it is new, else count the delivery; its id."""
    while True:
        try:
            return await _store(bridge, report, rules)
        except DuplicateKeyError:
            found = await bridge.store.find(ALERTS, {"identity": identity_of(report)}, limit=1)
        for document in found:  # none where it ended since: then its place is free
            known = stored_alert_of(document)
            if begins_anew(report, known, bridge.clock()):
                await _end(bridge, known)
            elif await _count(bridge, report, document, rules):
                return known.id


async def _store(bridge: Bridge, report: Report, rules: Rules) -> str:
    now = bridge.clock()
    plan = plan_for(report.alert, rules, now)
    stored = StoredAlert(
        id=new_id(),
        identity=identity_of(report),
        alert=report.alert,
        received_at=now,
        last_received_at=now,
        deliveries=1,
        decisions=plan.decisions,
        runs=[],
    )
    document = stored_alert_document(stored, pending=False) | _to_do(plan)
    await bridge.store.insert(ALERTS, document)
    await finish(bridge, document)
    return stored.id


def _to_do(plan: Plan) -> dict[str, Any]:
    return {"pending": True, "planned": plan.planned_text} if plan.planned else {}


async def _end(bridge: Bridge, known: StoredAlert) -> None:
    """Free the place of its fingerprint. Of several who see that it is over, one does it."""
    over = Changes(set={"identity": identity_when_over(known.alert, known.id)})
    await bridge.store.change(ALERTS, {"id": known.id, "identity": known.identity}, over)


async def _count(bridge: Bridge, report: Report, document: Document, rules: Rules) -> bool:
    """Note a further delivery and what it says; whether the alert was still what it was taken for."""
    now, known = bridge.clock(), stored_alert_of(document)
    told, where = told_by(report, now), {"id": known.id, "identity": known.identity}
    if is_first_to_fire(report, known):
        plan = plan_for(known.alert.model_copy(update={"status": "firing"}), rules, now)
        told |= {"decisions": as_stored(plan.decisions), **_to_do(plan)}
        where["version"] = document["version"]
    if not await bridge.store.change(ALERTS, where, Changes(set=told, increment={"deliveries": 1})):
        return False
    await finish(bridge, document | told)
    return True
