"""One alert, one episode, one run: whatever start a report names, in whatever order reports come."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest

from alert_bridge.domain.source import identity_by_start
from shared.alerts import stored_alert_document
from shared.clock import new_id
from shared.collections import ALERTS, ALL, RUNS
from shared.contracts.alert import StoredAlert
from shared.contracts.values import instant_text
from shared.store import Collection, DocumentStore
from shared.store.port import Changes, Where
from tests.builders import NOON
from tests.builders_alerts import (
    Hands,
    RunningBridge,
    a_bridge,
    a_generic_alert,
    a_provider,
    a_rule,
    all_alerts,
    all_runs,
    an_alert,
    an_alertmanager_alert,
    an_alertmanager_message,
    restart,
    save,
    save_all_for_nginx,
    the_alert,
)
from tests.integration.conftest import NewStore
from tests.integration.test_alert_bridge import fails_once


def at(time: str) -> str:
    return f"2026-01-31T{time}Z"


async def told(bridge: RunningBridge, *reports: tuple[str, ...], source: str = "alertmanager") -> list[httpx.Response]:
    """Post reports one after the other: ``("firing", START)`` or ``("resolved", START, END)``."""
    answers = []
    for status, start, *end in reports:
        ends_at = at(end[0]) if end else "0001-01-01T00:00:00Z"
        alert = an_alertmanager_alert(status=status, startsAt=at(start), endsAt=ends_at)
        answers.append(await bridge.post(an_alertmanager_message(alert), source))
    assert {answer.status_code for answer in answers} == {202}
    return answers


class HoldsOn:
    """A store that waits before its first change of an alert, until the test lets it go on."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._store, verb)

    async def change(self, collection: Collection, where: Where, changes: Changes) -> bool:
        if collection is ALERTS:
            self.reached.set()
            await self.go_on.wait()
        return await self._store.change(collection, where, changes)


async def firing(store: DocumentStore) -> list[StoredAlert]:
    return [stored for stored in await all_alerts(store) if stored.alert.status == "firing"]


@pytest.mark.parametrize(
    "reports",
    [
        [("firing", "11:00:15"), ("firing", "11:00:07.412"), ("resolved", "11:00:07.412", "11:05:00")],
        [("firing", "11:00:30"), ("firing", "11:00:00"), ("resolved", "11:00:00", "11:05:00")],
        [("firing", "11:00:00"), ("firing", "11:02:00"), ("resolved", "11:02:00", "11:05:00")],
        [("firing", "11:00:00"), ("firing", "11:02:00"), ("firing", "11:01:00"), ("resolved", "11:00:00", "11:05:00")],
        [("firing", "10:00:00"), ("resolved", "10:05:00", "10:05:00")],
        [("firing", "11:00:00"), ("firing", "11:02:00"), ("resolved", "11:00:00")],
    ],
)
async def test_a_start_that_moves_while_an_alert_fires_is_noted_and_leads_to_no_second_run(
    store: DocumentStore, bridge: RunningBridge, reports: Sequence[tuple[str, ...]]
) -> None:
    """Cases B05, B06, P-1, P-2: two reporters, an HA pair, a restart, a resolve whose start is its end."""
    answers = await told(bridge, *reports)

    stored, (run,) = await the_alert(store), await all_runs(store)
    assert {answer.json()["alerts"][0] for answer in answers} == {stored.id}
    assert (stored.alert.status, stored.ended_by, stored.runs) == ("resolved", "report", [run.id])
    starts = {at(start) for _, start, *_ in reports}
    assert {instant_text(start) for start in stored.starts} == {instant_text_of(start) for start in starts}
    assert stored.alert.starts_at == min(stored.starts)
    assert stored.latest_start == max(stored.starts)


def instant_text_of(text: str) -> str:
    return text if "." in text else text.replace("Z", ".000Z")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_whatever_the_order_of_an_ha_pairs_firing_reports_there_is_one_run(
    store: DocumentStore, bridge: RunningBridge, order: tuple[int, ...]
) -> None:
    reports = [("firing", "11:00:00"), ("firing", "11:00:07"), ("firing", "11:00:15")]
    await told(bridge, *[reports[number] for number in order], ("resolved", "11:00:07", "11:05:00"))
    assert (len(await all_alerts(store)), len(await all_runs(store)), await firing(store)) == (1, 1, [])


async def test_an_alert_that_fires_after_its_end_is_a_new_episode_with_a_run_of_its_own(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    """Case B06, to its end."""
    await told(bridge, ("firing", "10:00:00"), ("resolved", "10:05:00", "10:05:00"), ("firing", "11:00:00"))
    await told(bridge, ("firing", "11:00:00"))

    over, now = await all_alerts(store)
    assert (over.alert.status, now.alert.status) == ("resolved", "firing")
    assert (over.deliveries, now.deliveries) == (2, 2)
    assert [run.trigger.alert_id for run in await all_runs(store)] == [over.id, now.id]


@pytest.mark.parametrize(
    "late",
    [
        ("firing", "11:00:00"),  # the same start
        ("firing", "10:59:53"),  # the other member of an HA pair
        ("firing", "11:04:59"),  # a start that the end covers
    ],
)
async def test_a_late_firing_report_after_the_end_is_noted_and_neither_fires_nor_runs(
    store: DocumentStore, bridge: RunningBridge, late: tuple[str, ...]
) -> None:
    """Cases B07 and P-10."""
    answers = await told(bridge, ("firing", "11:00:00"), ("resolved", "11:00:00", "11:05:00"), late)

    stored, (run,) = await the_alert(store), await all_runs(store)
    assert {answer.json()["alerts"][0] for answer in answers} == {stored.id}
    assert (stored.alert.status, instant_text(stored.alert.ends_at or NOON)) == ("resolved", at("11:05:00.000"))
    assert (stored.deliveries, stored.late_reports, stored.runs) == (3, 1, [run.id])
    assert stored.late_report_at is not None
    (warning,) = answers[-1].json()["warnings"]
    assert warning == "'nginx is down on web-1': this firing report came after its end was told; noted, nothing is run"


@pytest.mark.parametrize("again", ["11:00:00", "11:04:59"])
async def test_a_firing_report_that_comes_late_again_after_five_minutes_begins_a_new_episode(
    store: DocumentStore, again: str
) -> None:
    """Two Prometheus servers behind one Alertmanager: one resolved it, and the other sees it firing still."""
    await save_all_for_nginx(store)
    hands = Hands()
    end = ("resolved", "11:00:00", "11:05:00")
    async with a_bridge(store, clock=hands) as bridge:
        await told(bridge, ("firing", "11:00:00"), end, ("firing", again))
        hands.now += timedelta(minutes=4)
        await told(bridge, ("firing", again), end)  # whose end is told once more
        hands.now += timedelta(minutes=4)
        await told(bridge, ("firing", again))
        hands.now += timedelta(minutes=5)
        await told(bridge, ("firing", again))
        assert len(await all_runs(store)) == 1
        hands.now += timedelta(seconds=1)
        (answer,) = await told(bridge, ("firing", again))
        assert answer.json()["warnings"] == []
        await told(bridge, ("firing", again))
        over, now = await all_alerts(store)
        assert (over.late_reports, now.late_reports, now.deliveries) == (4, 0, 2)
        assert (over.ended_by, now.alert.status) == ("report", "firing")
        assert [run.trigger.alert_id for run in await all_runs(store)] == [over.id, now.id]
        await told(bridge, ("resolved", again, "12:20:00"))
    assert await firing(store) == []


async def test_an_end_or_a_start_that_lies_ahead_makes_nothing_late(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    hands = Hands()
    async with a_bridge(store, clock=hands) as bridge:
        hands.now = NOON
        first, end = await told(bridge, ("firing", "13:00:00"), ("resolved", "13:00:00", "14:00:00"))
        assert "startsAt: '2026-01-31T13:00:00Z' lies ahead" in first.json()["warnings"][0]
        assert "endsAt: '2026-01-31T14:00:00Z' lies ahead" in end.json()["warnings"][1]
        hands.now += timedelta(minutes=10)
        await told(bridge, ("firing", "12:09:00"), ("resolved", "12:09:00", "12:10:00"))
        hands.now += timedelta(hours=1)
        await told(bridge, ("firing", "13:05:00"))
    assert [stored.alert.status for stored in await all_alerts(store)] == ["resolved", "resolved", "firing"]
    assert [stored.latest_start is None for stored in await all_alerts(store)] == [True, False, False]
    assert len(await all_runs(store)) == 3


async def test_a_late_end_of_an_earlier_episode_does_not_end_the_one_that_fires(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    await told(bridge, ("firing", "10:00:00"), ("firing", "10:30:00"), ("resolved", "10:00:00", "10:05:00"))
    stored = await the_alert(store)
    assert (stored.alert.status, stored.late_reports) == ("firing", 1)
    await told(bridge, ("resolved", "10:00:00", "10:40:00"))
    assert await firing(store) == []


async def test_an_end_without_a_time_of_its_own_is_compared_by_starts_only(store: DocumentStore) -> None:
    # Our clock may be ahead of the sender's: what it calls a later start lies before the time of our receipt.
    await save_all_for_nginx(store)
    hands, alert = Hands(), a_generic_alert(starts_at=at("11:00:00"))
    async with a_bridge(store, clock=hands) as bridge:
        await bridge.post(alert, "generic")
        await bridge.post({**alert, "status": "ok"}, "generic")
        await bridge.post({**alert, "starts_at": at("11:59:58")}, "generic")
    assert [stored.alert.status for stored in await all_alerts(store)] == ["resolved", "firing"]
    assert len(await all_runs(store)) == 2


@pytest.mark.parametrize("status", ["acknowledged", "updated"])
async def test_what_is_said_of_an_alert_that_is_over_does_not_open_it_again(
    store: DocumentStore, bridge: RunningBridge, status: str
) -> None:
    for said in ("firing", "resolved", status):
        await bridge.post(a_generic_alert(status=said), "generic")
    stored = await the_alert(store)
    assert (stored.alert.status, stored.deliveries) == ("resolved", 3)


# Rules that want to run again


async def a_rule_that_runs_again(store: DocumentStore) -> None:
    await save(store, restart())
    await save(store, a_provider())
    await save(store, a_rule("once"))
    await save(store, a_rule("again", refire="run"))


async def test_a_rule_that_says_so_is_asked_again_once_for_every_later_start(store: DocumentStore) -> None:
    """Case P-2: `refire: run`."""
    await a_rule_that_runs_again(store)
    async with a_bridge(store) as bridge:
        await told(bridge, ("firing", "11:00:00"), ("firing", "11:00:00"), ("firing", "10:59:00"))
        assert [run.trigger.by for run in await all_runs(store)] == ["again", "once"]
        await told(bridge, ("firing", "11:10:00"), ("firing", "11:10:00"), ("firing", "11:05:00"))
        await told(bridge, ("firing", "11:20:00"), ("resolved", "11:20:00", "11:30:00"))

    stored, runs = await the_alert(store), await all_runs(store)
    assert [run.trigger.by for run in runs] == ["again", "once", "again", "again"]
    assert [(one.rule, one.refire) for one in stored.decisions] == [
        ("again", 0),
        ("once", 0),
        ("again", 1),
        ("again", 2),
    ]
    assert stored.decisions[2].reason.startswith("The rule 'again' matched again, for a later start, and requested")
    assert set(stored.runs) == {run.id for run in runs}
    assert stored.asked == 3


async def test_later_starts_at_once_to_two_instances_lead_to_one_run_each(
    store: DocumentStore, new_store: NewStore
) -> None:
    await a_rule_that_runs_again(store)
    second = new_store()
    await second.open(ALL)
    async with a_bridge(store) as bridge, a_bridge(second) as other:
        await told(bridge, ("firing", "11:00:00"))
        for start in ("11:10:00", "11:20:00"):
            await asyncio.gather(*[told(one, ("firing", start)) for one in [bridge, other] * 5])
    if second is not store:
        await second.close()

    stored, runs = await the_alert(store), await all_runs(store)
    assert sorted(run.trigger.by for run in runs) == ["again"] * 3 + ["once"]
    assert (stored.deliveries, stored.asked) == (21, 3)
    assert set(stored.runs) == {run.id for run in runs}
    assert await store.count(ALERTS, {"pending": True}) == 0


async def test_a_later_start_while_runs_are_still_to_be_made_loses_neither_these_nor_those(
    store: DocumentStore,
) -> None:
    await a_rule_that_runs_again(store)
    async with a_bridge(fails_once(store, "insert", RUNS)) as bridge:
        await told(bridge, ("firing", "11:00:00"))
        assert await store.count(ALERTS, {"pending": True}) == 1
        await told(bridge, ("firing", "11:10:00"))
    stored, runs = await the_alert(store), await all_runs(store)
    assert sorted(run.trigger.by for run in runs) == ["again", "again", "once"]
    assert set(stored.runs) == {run.id for run in runs}
    assert all(decision.run_id for decision in stored.decisions)
    assert await store.count(ALERTS, {"pending": True}) == 0


async def test_an_instance_that_makes_the_first_runs_slowly_does_not_forget_those_of_a_later_start(
    store: DocumentStore,
) -> None:
    await a_rule_that_runs_again(store)
    slow, failing = HoldsOn(store), fails_once(store, "insert", RUNS)
    async with a_bridge(cast(DocumentStore, slow)) as first, a_bridge(failing) as other:
        under_way = asyncio.create_task(told(first, ("firing", "11:00:00")))
        await slow.reached.wait()  # the first runs are made, but not noted yet
        await told(other, ("firing", "11:10:00"))  # whose run cannot be made at once
        slow.go_on.set()
        await under_way
        assert await store.count(ALERTS, {"pending": True}) == 1
        await told(other, ("firing", "11:10:00"))
    stored, runs = await the_alert(store), await all_runs(store)
    assert sorted(run.trigger.by for run in runs) == ["again", "again", "once"]
    assert (set(stored.runs), len(stored.decisions)) == ({run.id for run in runs}, 3)


# Several at once


async def test_two_instances_agree_on_when_an_episode_ends_and_the_next_begins(
    store: DocumentStore, new_store: NewStore, bridge: RunningBridge
) -> None:
    second = new_store()
    await second.open(ALL)
    async with a_bridge(second) as other:
        for start, end in (("10:00:00", "10:05:00"), ("11:00:00", "11:05:00")):
            for report in (("firing", start), ("resolved", start, end)):
                await asyncio.gather(*[told(one, report) for one in [bridge, other] * 5])
    if second is not store:
        await second.close()

    alerts, runs = await all_alerts(store), await all_runs(store)
    assert [(stored.alert.status, stored.deliveries) for stored in alerts] == [("resolved", 20)] * 2
    assert [run.trigger.alert_id for run in runs] == [stored.id for stored in alerts]


async def test_firing_and_resolved_reports_that_race_leave_one_run_and_nothing_that_fires_for_ever(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    reports = [("firing", "11:00:00"), ("firing", "11:00:07"), ("resolved", "11:00:00", "11:05:00")] * 4
    await told(bridge, ("firing", "11:00:00"))
    await asyncio.gather(*[told(bridge, report) for report in reports])
    stored = await the_alert(store)
    assert (stored.alert.status, stored.deliveries) == ("resolved", 13)
    assert len(await all_runs(store)) == 1


async def test_a_report_that_stands_in_a_delivery_many_times_is_counted_and_stored_once(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    answer = await bridge.post(an_alertmanager_message(*[an_alertmanager_alert()] * 2_000))
    stored = await the_alert(store)
    assert (answer.json()["accepted"], stored.deliveries) == (2_000, 2_000)
    assert len(await all_runs(store)) == 1


# Silence


async def test_an_alert_that_silence_ended_does_not_fire_for_ever(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    hands = Hands()
    async with a_bridge(store, clock=hands) as bridge:
        for _ in range(2):
            await bridge.post(a_generic_alert(starts_at=None), "generic")
            hands.now += timedelta(minutes=31)
    over, now = await all_alerts(store)
    assert (over.alert.status, over.ended_by, over.alert.ends_at) == ("resolved", "silence", NOON)
    assert now.alert.status == "firing"


@pytest.mark.parametrize("starts_at", ["2026-01-31T12:00:00Z", "yesterday"])
@pytest.mark.parametrize("source", ["alertmanager", "generic"])
async def test_alertmanagers_form_does_not_run_again_after_silence_at_whichever_source(
    store: DocumentStore, source: str, starts_at: str
) -> None:
    """Case B21."""
    await save_all_for_nginx(store)
    hands = Hands()
    async with a_bridge(store, clock=hands) as bridge:
        for _ in range(3):
            answer = await bridge.post(an_alertmanager_message(an_alertmanager_alert(startsAt=starts_at)), source)
            assert answer.status_code == 202
            assert ("startsAt" in " ".join(answer.json()["warnings"])) is (
                source == "generic" or starts_at == "yesterday"
            )
            hands.now += timedelta(hours=4)
    assert (await the_alert(store)).deliveries == 3
    assert len(await all_runs(store)) == 1


# What an earlier release stored


async def stored_before(store: DocumentStore, **fields: Any) -> str:
    """Store an alert as a release did that took its start for a part of its identity."""
    alert = an_alert(fingerprint="1a30ba71cca2921f", **fields)
    reason = {"reason": "", "at": NOON}
    decision = {"rule": "nginx-down", "action": "restart", "decision": "run_requested", "run_id": "r1", **reason}
    stored = StoredAlert.model_validate(
        {
            "id": new_id(),
            "identity": identity_by_start(alert),
            "alert": alert,
            "received_at": NOON,
            "last_received_at": NOON,
            "deliveries": 1,
            "decisions": [decision],
            "runs": ["r1"],
        }
    )
    document = stored_alert_document(stored, pending=False)
    new = ("starts", "latest_start", "end_told", "ended_by", "late_reports", "late_report_at", "asked")
    await store.insert(ALERTS, {name: value for name, value in document.items() if name not in new})
    return stored.id


async def test_an_alert_that_an_earlier_release_stored_goes_on_and_runs_no_second_time(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    older = await stored_before(store, starts_at=at("09:00:00"))
    newest = await stored_before(store, starts_at=at("11:00:00"))
    one, moved, end = await told(
        bridge, ("firing", "11:00:00"), ("firing", "11:10:00"), ("resolved", "11:00:00", "11:30:00")
    )
    assert one.json()["alerts"] == moved.json()["alerts"] == end.json()["alerts"] == [newest]
    assert await all_runs(store) == []
    by_id = {stored.id: stored for stored in await all_alerts(store)}
    assert (by_id[newest].alert.status, by_id[newest].deliveries, by_id[newest].asked) == ("resolved", 4, 1)
    assert (by_id[older].alert.status, by_id[older].ended_by) == ("resolved", "next_episode")

    await told(bridge, ("firing", "11:40:00"))
    (run,) = await all_runs(store)
    assert run.trigger.alert_id not in by_id


async def test_ten_deliveries_at_once_agree_on_what_an_earlier_release_stored(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    known = await stored_before(store, starts_at=at("11:00:00"))
    answers = await asyncio.gather(*[told(bridge, ("firing", "11:10:00")) for _ in range(10)])
    assert {answer.json()["alerts"][0] for (answer,) in answers} == {known}
    assert ((await the_alert(store)).deliveries, await all_runs(store)) == (11, [])
