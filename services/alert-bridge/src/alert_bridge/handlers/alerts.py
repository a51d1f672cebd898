"""What the alert-bridge does with alerts: store each episode once, ask the rules, request the runs.

An episode is inserted together with what the rules said and the runs that are to be made, so that no alert is ever
marked as seen and then lost. The newest episode of a fingerprint holds its unique identity, so that all instances
agree on which it is; every step from one state of it to the next is one change that compares before it sets.
"""

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from alert_bridge.domain.decisions import NO_FACTS, Plan, plan_for, plan_for_refire, planned_of
from alert_bridge.domain.episodes import (
    changes_by,
    changes_by_late,
    is_first_to_fire,
    is_refire,
    meaning_of,
    times_asked,
)
from alert_bridge.domain.fields import SHOWN
from alert_bridge.domain.source import Report, Warnings, identity_by_start, identity_of, identity_when_over
from alert_bridge.handlers.rules import facts_for
from alert_bridge.handlers.runs import as_stored, finish, log_answer
from alert_bridge.ports import AlertBridgeContext, Rules
from shared.alerts import changed_by, stored_alert_document, stored_alert_of
from shared.clock import new_id
from shared.collections import ALERTS
from shared.contracts.alert import REFUSED, Alert, EndedBy, StoredAlert
from shared.contracts.values import instant_text
from shared.redaction import quoted
from shared.store.port import Absent, Changes, Condition, Document, DuplicateKeyError, OneOf

log = structlog.get_logger()

NO_RUNS = Plan().planned_text
AT_ONCE_OF_ONE = 48
"""Alerts of one delivery that are stored at the same time; fewer than one instance stores, so that a small
delivery passes a big one."""
LOOKED_UP_AT_ONCE = 200
"""Fingerprints whose newest episodes are asked for in one go."""
ANSWER_WITHIN = 4.0
"""Seconds: once so long is over, alerts are stored only, and their runs left to the sweep. Senders wait 5 s to 15 s."""


@dataclass
class _Reported:
    """A report, and its positions in the delivery; several where it stands there more than once."""

    report: Report
    positions: list[int]


@dataclass(frozen=True)
class _Answer:
    """How a delivery is answered."""

    rules: Rules
    until: float
    """In the loop's time: when the sender has waited long enough for runs."""
    warnings: Warnings


async def receive_alerts(context: AlertBridgeContext, reports: Sequence[Report], warnings: Warnings) -> list[str]:
    """Store, or count again, every alert that is reported, and request its runs; the alerts' ids in their order.

    ``warnings`` gets a sentence for every alert that was reported firing when it was over.
    Raises only where at least one alert may not be stored; sending all of them again is always safe.
    """
    rules = await context.rules() if any(report.alert.status == "firing" for report in reports) else []
    answer = _Answer(rules, asyncio.get_running_loop().time() + ANSWER_WITHIN, warnings)
    same: dict[str, list[_Reported]] = {}
    for position, report in enumerate(reports):
        reported = same.setdefault(identity_of(report.alert), [])
        if reported and reported[-1].report == report:
            reported[-1].positions.append(position)
        else:
            reported.append(_Reported(report, [position]))
    ids: dict[int, str] = {}
    episodes = list(same.values())
    for start in range(0, len(episodes), LOOKED_UP_AT_ONCE):
        await _take_all(context, episodes[start : start + LOOKED_UP_AT_ONCE], answer, ids)
    return [ids[position] for position in range(len(reports))]


async def _take_all(
    context: AlertBridgeContext, episodes: list[list[_Reported]], answer: _Answer, ids: dict[int, str]
) -> None:
    """Take what was reported of these episodes, several at a time, each in its order; ``ids`` gets theirs."""
    known = await newest_episodes(context, [reported[0].report.alert for reported in episodes])

    async def take_in_turn(waiting: Iterator[list[_Reported]]) -> None:
        for episode in waiting:
            async with context.storing:
                for number, reported in enumerate(episode):
                    taken = await _take(context, reported, answer, {} if number else known)
                    ids.update(dict.fromkeys(reported.positions, taken))

    waiting = iter(episodes)
    workers = [take_in_turn(waiting) for _ in range(min(AT_ONCE_OF_ONE, len(episodes)))]
    failures = await asyncio.gather(*workers, return_exceptions=True)
    for failure in failures:
        if failure is not None:
            raise failure


async def _take(
    context: AlertBridgeContext, reported: _Reported, answer: _Answer, looked_up: Mapping[str, Document | None]
) -> str:
    """Begin an episode with the report, or note it on the newest one of its fingerprint; the episode's id."""
    alert = reported.report.alert
    identity = identity_of(alert)
    document = looked_up[identity] if identity in looked_up else await newest_episode(context, alert)
    while True:
        if document is None:
            with contextlib.suppress(DuplicateKeyError):  # somebody else began it at the same time
                return await _begin(context, reported, answer)
        else:
            known = stored_alert_of(document)
            meaning = meaning_of(reported.report, known, context.clock())
            if meaning == "begins":
                await end_episode(context, known, "silence")
            elif await (
                _note_late(context, reported, known, answer)
                if meaning == "late"
                else _join(context, reported, document, answer)
            ):
                return known.id
        document = await newest_episode(context, alert)


async def _begin(context: AlertBridgeContext, reported: _Reported, answer: _Answer) -> str:
    now, report, episode = context.clock(), reported.report, new_id()
    firing = report.alert.status == "firing"
    facts = await facts_for(context, answer.rules, report.alert) if firing else NO_FACTS
    plan = plan_for(report.alert, answer.rules, now, episode=episode, facts=facts)
    starts = [report.alert.starts_at] if report.start_known else []
    resolved = report.alert.status == "resolved"
    stored = StoredAlert(
        id=episode,
        identity=identity_of(report.alert),
        alert=report.alert,
        received_at=now,
        last_received_at=now,
        deliveries=len(reported.positions),
        starts=starts,
        latest_start=starts[0] if starts else None,
        end_told=resolved and report.end_known,
        ended_by="report" if resolved else None,
        asked=1 if firing else 0,
        decisions=plan.decisions,
        runs=[],
    )
    document = stored_alert_document(stored, pending=False) | to_do(plan)
    await context.store.insert(ALERTS, document)
    _log_refused(episode, document)
    await _finish(context, document, answer)
    return episode


async def _finish(context: AlertBridgeContext, document: Document, answer: _Answer) -> None:
    """Request the runs of a stored alert now, unless its sender has waited for long."""
    if asyncio.get_running_loop().time() < answer.until:
        await finish(context, document)


def _log_refused(alert_id: str, changed: Mapping[str, Any]) -> None:
    """Tell of runs that were all refused, so that none is to be made whose making would tell it."""
    decisions = [one["decision"] for one in changed.get("decisions", ())]
    if not changed.get("pending") and not REFUSED.isdisjoint(decisions):
        log_answer(alert_id, decisions)


def to_do(plan: Plan) -> dict[str, Any]:
    """The fields of an episode that has runs still to be made."""
    return {"pending": True, "planned": plan.planned_text} if plan.planned else {}


async def _note_late(context: AlertBridgeContext, reported: _Reported, known: StoredAlert, answer: _Answer) -> bool:
    """Count a report of what is over; whether the episode was still what it was taken for."""
    where = {"id": known.id, "identity": known.identity, "alert.status": known.alert.status}
    times = len(reported.positions)
    changes = changes_by_late(reported.report, known, context.clock())
    late = Changes(set=changes, increment={"deliveries": times, "late_reports": times})
    if not await context.store.change(ALERTS, where, late):
        return False
    alert = reported.report.alert
    if alert.status == "firing":
        name = quoted(alert.title or alert.fingerprint, SHOWN)
        answer.warnings.add(f"'{name}': this firing report came after its end was told; noted, nothing is run")
    log.info("alert.late_report", alert_id=known.id, status=alert.status, starts_at=instant_text(alert.starts_at))
    return True


async def _join(context: AlertBridgeContext, reported: _Reported, document: Document, answer: _Answer) -> bool:
    """Note a further report of an episode; whether the episode was still what it was taken for."""
    now, report, known = context.clock(), reported.report, stored_alert_of(document)
    changes, where = changes_by(report, known, now), {"id": known.id, "identity": known.identity}
    changes |= await _decided_on(context, report, document, answer.rules, now)
    if changes.get("alert.status") == "resolved" and known.runs and not document["pending"]:
        changes |= {"pending": True, "planned": NO_RUNS}  # so that its runs are told, whatever fails from now on
    if len(changes) > 1:
        where["version"] = document["version"]
    else:
        where["alert.status"] = known.alert.status  # a mere repetition is counted beside others
    if not await context.store.change(
        ALERTS, where, Changes(set=changes, increment={"deliveries": len(reported.positions)})
    ):
        return False
    _log_refused(known.id, changes)
    await _finish(context, changed_by(document, changes), answer)
    return True


async def _decided_on(
    context: AlertBridgeContext, report: Report, document: Document, rules: Rules, now: datetime
) -> dict[str, Any]:
    """What the rules say, where the report is a reason to ask them, as fields of the episode."""
    known = stored_alert_of(document)
    asked = times_asked(known)
    if is_first_to_fire(report, known):
        firing = known.alert.model_copy(update={"status": "firing"})
        facts = await facts_for(context, rules, firing)
        plan = plan_for(firing, rules, now, episode=known.id, facts=facts)
        return {"decisions": as_stored(plan.decisions), "asked": 1, **to_do(plan)}
    if is_refire(report, known):
        facts = await facts_for(context, rules, report.alert)
        plan = plan_for_refire(report.alert, rules, now, episode=known.id, refire=asked, facts=facts)
        if plan.decisions:
            left = planned_of(document["planned"]) if document["pending"] else []
            whole = plan.after(known.decisions, left)
            return {"decisions": as_stored(whole.decisions), "asked": asked + 1, **to_do(whole)}
    return {}


MOST_ADOPTED = 20
"""Alerts of an earlier release that are looked through for one fingerprint."""


async def newest_episodes(context: AlertBridgeContext, alerts: Sequence[Alert]) -> dict[str, Document | None]:
    """The newest episodes of these alerts' fingerprints by their identities, None where there is none.

    An identity that is left out has to be asked for by itself: an earlier release may have stored its alert.
    """
    by_identity = {identity_of(alert): alert for alert in alerts}
    where: dict[str, Condition] = {"identity": OneOf(tuple(by_identity))}
    found = await context.store.find(ALERTS, where, limit=len(by_identity))
    newest: dict[str, Document | None] = {document["identity"]: document for document in found}
    missing = {identity: alert for identity, alert in by_identity.items() if identity not in newest}
    if not missing:
        return newest
    where = {"alert.fingerprint": OneOf(tuple({alert.fingerprint for alert in missing.values()})), "asked": Absent()}
    earlier = await context.store.find(ALERTS, where, limit=len(missing))
    if len(earlier) < len(missing):  # else there may be more of them than were found
        stored_before = {document["alert"]["fingerprint"] for document in earlier}
        newest |= {one: None for one, alert in missing.items() if alert.fingerprint not in stored_before}
    return newest


async def newest_episode(context: AlertBridgeContext, alert: Alert) -> Document | None:
    """The newest episode of the alert's fingerprint; one of an earlier release becomes it first."""
    identity = identity_of(alert)
    for document in await context.store.find(ALERTS, {"identity": identity}, limit=1):
        return document
    if alert.integration:  # earlier releases had none
        return None
    where: dict[str, Condition] = {"alert.fingerprint": alert.fingerprint, "asked": Absent()}
    where["alert.source"] = alert.source
    found = await context.store.find(ALERTS, where, descending=True, limit=MOST_ADOPTED)
    by_start = [one for one in map(stored_alert_of, found) if one.identity == identity_by_start(one.alert)]
    for older in by_start[1:]:
        await end_episode(context, older, "next_episode")
    if not by_start:
        return None
    newest, start = by_start[0], instant_text(by_start[0].alert.starts_at)
    changes = {"identity": identity, "asked": times_asked(newest), "starts": [start], "latest_start": start}
    with contextlib.suppress(DuplicateKeyError):  # somebody else began an episode at the same time
        await context.store.change(ALERTS, {"id": newest.id, "identity": newest.identity}, Changes(set=changes))
    return next(iter(await context.store.find(ALERTS, {"identity": identity}, limit=1)), None)


async def end_episode(context: AlertBridgeContext, known: StoredAlert, by: EndedBy) -> None:
    """Free the identity of a fingerprint, and end what did not end. Of several who see that it is over, one does it."""
    over: dict[str, Any] = {"identity": identity_when_over(known.alert, known.id)}
    if known.alert.status != "resolved":
        over |= {"alert.status": "resolved", "alert.ends_at": instant_text(known.last_received_at), "ended_by": by}
    where: dict[str, Condition] = {"id": known.id, "identity": known.identity}
    where["last_received_at"] = instant_text(known.last_received_at)
    await context.store.change(ALERTS, where, Changes(set=over))
