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

from alert_bridge.bridge import Bridge, Rules
from alert_bridge.domain.decisions import Plan, plan_for, plan_for_refire, planned_of
from alert_bridge.domain.episodes import is_first_to_fire, is_refire, meaning_of, times_asked, told_by, told_late
from alert_bridge.domain.fields import SHOWN
from alert_bridge.domain.identity import identity_of
from alert_bridge.domain.masking import quoted
from alert_bridge.domain.source import Report, Warnings
from alert_bridge.newest import end_episode, newest_episode, newest_episodes
from alert_bridge.pending import as_stored, finish, log_answer
from shared.alerts import stored_alert_document, stored_alert_of
from shared.collections import ALERTS
from shared.contracts.alert import REFUSED, StoredAlert
from shared.contracts.values import instant_text
from shared.ids import new_id
from shared.store.port import Changes, Document, DuplicateKeyError

log = structlog.get_logger()

AT_ONCE_OF_ONE = 48
"""Alerts of one delivery that are stored at the same time; fewer than there are places, so that a small delivery
passes a big one."""
LOOKED_UP_AT_ONCE = 200
"""Fingerprints whose newest episodes are asked for in one go."""
ANSWER_WITHIN = 4.0
"""Seconds: once so long is over, alerts are stored only, and their runs left to the sweep. Senders wait 5 s to 15 s."""


@dataclass
class _Heard:
    """A report, and where in the delivery it stands; several places where it stands there more than once."""

    report: Report
    places: list[int]


@dataclass(frozen=True)
class _Answer:
    """How a delivery is answered."""

    rules: Rules
    until: float
    """In the loop's time: when the sender has waited long enough for runs."""
    warnings: Warnings


async def receive_alerts(bridge: Bridge, reports: Sequence[Report], warnings: Warnings) -> list[str]:
    """Store, or count again, every alert that is reported, and request its runs; the alerts' ids in their order.

    ``warnings`` gets a sentence for every alert that was reported firing when it was over.
    Raises only where at least one alert may not be stored; sending all of them again is always safe.
    """
    rules = await bridge.rules() if any(report.alert.status == "firing" for report in reports) else []
    answer = _Answer(rules, asyncio.get_running_loop().time() + ANSWER_WITHIN, warnings)
    same: dict[str, list[_Heard]] = {}
    for place, report in enumerate(reports):
        heard = same.setdefault(identity_of(report.alert), [])
        if heard and heard[-1].report == report:
            heard[-1].places.append(place)
        else:
            heard.append(_Heard(report, [place]))
    ids: dict[int, str] = {}
    episodes = list(same.values())
    for start in range(0, len(episodes), LOOKED_UP_AT_ONCE):
        await _take_all(bridge, episodes[start : start + LOOKED_UP_AT_ONCE], answer, ids)
    return [ids[place] for place in range(len(reports))]


async def _take_all(bridge: Bridge, episodes: list[list[_Heard]], answer: _Answer, ids: dict[int, str]) -> None:
    """Take what was heard of these episodes, several at a time, each in its order; ``ids`` by places gets theirs."""
    known = await newest_episodes(bridge, [heard[0].report.alert for heard in episodes])

    async def take_in_turn(waiting: Iterator[list[_Heard]]) -> None:
        for episode in waiting:
            async with bridge.places:
                for number, heard in enumerate(episode):
                    taken = await _take(bridge, heard, answer, {} if number else known)
                    ids.update(dict.fromkeys(heard.places, taken))

    waiting = iter(episodes)
    workers = [take_in_turn(waiting) for _ in range(min(AT_ONCE_OF_ONE, len(episodes)))]
    failures = await asyncio.gather(*workers, return_exceptions=True)
    for failure in failures:
        if failure is not None:
            raise failure


async def _take(bridge: Bridge, heard: _Heard, answer: _Answer, looked_up: Mapping[str, Document | None]) -> str:
    """Begin an episode with the report, or note it on the newest one of its fingerprint; the episode's id."""
    alert = heard.report.alert
    identity = identity_of(alert)
    document = looked_up[identity] if identity in looked_up else await newest_episode(bridge, alert)
    while True:
        if document is None:
            with contextlib.suppress(DuplicateKeyError):  # somebody else began it at the same time
                return await _begin(bridge, heard, answer)
        else:
            known = stored_alert_of(document)
            meaning = meaning_of(heard.report, known, bridge.clock())
            if meaning == "begins":
                await end_episode(bridge, known, "silence")
            elif await (
                _note_late(bridge, heard, known, answer)
                if meaning == "late"
                else _join(bridge, heard, document, answer)
            ):
                return known.id
        document = await newest_episode(bridge, alert)


async def _begin(bridge: Bridge, heard: _Heard, answer: _Answer) -> str:
    now, report, episode = bridge.clock(), heard.report, new_id()
    plan = plan_for(report.alert, answer.rules, now, episode=episode)
    starts = [report.alert.starts_at] if report.start_known else []
    resolved = report.alert.status == "resolved"
    stored = StoredAlert(
        id=episode,
        identity=identity_of(report.alert),
        alert=report.alert,
        received_at=now,
        last_received_at=now,
        deliveries=len(heard.places),
        starts=starts,
        latest_start=starts[0] if starts else None,
        end_told=resolved and report.end_known,
        ended_by="report" if resolved else None,
        asked=1 if report.alert.status == "firing" else 0,
        decisions=plan.decisions,
        runs=[],
    )
    document = stored_alert_document(stored, pending=False) | to_do(plan)
    await bridge.store.insert(ALERTS, document)
    _log_refused(episode, document)
    await _finish(bridge, document, answer)
    return episode


async def _finish(bridge: Bridge, document: Document, answer: _Answer) -> None:
    """Request the runs of a stored alert now, unless its sender has waited for long."""
    if asyncio.get_running_loop().time() < answer.until:
        await finish(bridge, document)


def _log_refused(alert_id: str, changed: Mapping[str, Any]) -> None:
    """Tell of runs that were all refused, so that none is to be made whose making would tell it."""
    decisions = [one["decision"] for one in changed.get("decisions", ())]
    if not changed.get("pending") and not REFUSED.isdisjoint(decisions):
        log_answer(alert_id, decisions)


def to_do(plan: Plan) -> dict[str, Any]:
    """The fields of an episode that has runs still to be made."""
    return {"pending": True, "planned": plan.planned_text} if plan.planned else {}


async def _note_late(bridge: Bridge, heard: _Heard, known: StoredAlert, answer: _Answer) -> bool:
    """Count a report of what is over; whether the episode was still what it was taken for."""
    where = {"id": known.id, "identity": known.identity, "alert.status": known.alert.status}
    times = len(heard.places)
    set_late = told_late(heard.report, known, bridge.clock())
    late = Changes(set=set_late, increment={"deliveries": times, "late_reports": times})
    if not await bridge.store.change(ALERTS, where, late):
        return False
    told = heard.report.alert
    if told.status == "firing":
        name = quoted(told.title or told.fingerprint, SHOWN)
        answer.warnings.add(f"'{name}': this firing report came after its end was told; noted, nothing is run")
    log.info("alert.late_report", alert_id=known.id, status=told.status, starts_at=instant_text(told.starts_at))
    return True


async def _join(bridge: Bridge, heard: _Heard, document: Document, answer: _Answer) -> bool:
    """Note a further report of an episode; whether the episode was still what it was taken for."""
    now, report, known = bridge.clock(), heard.report, stored_alert_of(document)
    told, where = told_by(report, known, now), {"id": known.id, "identity": known.identity}
    told |= _decided_on(report, known, document, answer.rules, now)
    if len(told) > 1:
        where["version"] = document["version"]
    else:
        where["alert.status"] = known.alert.status  # a mere repetition is counted beside others
    if not await bridge.store.change(ALERTS, where, Changes(set=told, increment={"deliveries": len(heard.places)})):
        return False
    _log_refused(known.id, told)
    await _finish(bridge, document | told, answer)
    return True


def _decided_on(report: Report, known: StoredAlert, document: Document, rules: Rules, now: datetime) -> dict[str, Any]:
    """What the rules say, where the report is a reason to ask them, as fields of the episode."""
    asked = times_asked(known)
    if is_first_to_fire(report, known):
        firing = known.alert.model_copy(update={"status": "firing"})
        plan = plan_for(firing, rules, now, episode=known.id)
        return {"decisions": as_stored(plan.decisions), "asked": 1, **to_do(plan)}
    if is_refire(report, known):
        plan = plan_for_refire(report.alert, rules, now, episode=known.id, refire=asked)
        if plan.decisions:
            left = planned_of(document["planned"]) if document["pending"] else []
            whole = plan.after(known.decisions, left)
            return {"decisions": as_stored(whole.decisions), "asked": asked + 1, **to_do(whole)}
    return {}
