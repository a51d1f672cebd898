"""When the runs of an alert begin, and what becomes of them when it is resolved: on real stores, whoever crashes."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from alert_bridge.handlers.replays import replay
from scheduler.handlers.alerts import alerts_over
from shared.bus.memory import MemoryBus
from shared.collections import ALERT_DELIVERIES, ALERTS, PROVIDERS, RUNS
from shared.contracts.provider import ProviderDefinition
from shared.contracts.run import Run, WaitingFor
from shared.contracts.trigger import Trigger
from shared.contracts.values import instant_text
from shared.runs.composing import RunRequest
from shared.runs.request import request_run
from shared.store import DocumentStore
from shared.store.port import Changes
from tests.builders import NOON
from tests.builders_alerts import (
    SEALER,
    Hands,
    RunningBridge,
    a_bridge,
    a_provider,
    a_rule,
    all_alerts,
    all_runs,
    an_alertmanager_alert,
    an_alertmanager_message,
    restart,
    save,
    the_alert,
)
from tests.integration.test_alert_bridge import Recorder, fails_once, pending, sweep

AN_HOUR = {"timing": "after_delay", "delay": "1h"}
OVER = {"status": "resolved", "endsAt": "2026-01-31T12:00:00Z"}


async def with_responses(store: DocumentStore, *responses: dict[str, Any]) -> None:
    """A rule for NginxDown that restarts so."""
    common = {"action": "restart", "parameters": {"host": "{{ alert.host }}"}}
    rule = a_rule(responses=[{**common, **response} for response in responses])
    for definition in (restart(), a_provider(), rule):
        await save(store, definition)


async def resolve(bridge: RunningBridge) -> None:
    answer = await bridge.post(an_alertmanager_message(an_alertmanager_alert(**OVER)))
    assert answer.status_code == 202


async def due(store: DocumentStore) -> list[Run]:
    """The runs that the scheduler is to look at now, by the clock of the test."""
    return [run for run in await all_runs(store) if run.wake_at is not None and run.wake_at == NOON]


async def test_a_delay_begins_with_the_report_and_is_kept_with_the_run(store: DocumentStore) -> None:
    await with_responses(store, AN_HOUR)
    hands = Hands()
    async with a_bridge(fails_once(store, "insert", RUNS), clock=hands) as crashed:
        await crashed.post(an_alertmanager_message())
    hands.now += timedelta(minutes=10)
    async with a_bridge(store, clock=hands) as other:
        await asyncio.gather(sweep(other), sweep(other))

    (run,), stored = await all_runs(store), await the_alert(store)
    assert (run.state, run.not_before) == ("delayed", NOON + timedelta(hours=1))
    assert run.trigger.cancel_on_resolve
    assert stored.decisions[0].reason.endswith(
        "which starts at 2026-01-31T13:00:00.000Z if the alert fires then still."
    )


async def test_runs_that_have_not_begun_are_looked_at_when_their_alert_is_resolved(store: DocumentStore) -> None:
    await with_responses(store, AN_HOUR, {"timing": "after_approval"}, {})
    bus, hands = Recorder(), Hands()
    async with a_bridge(store, bus, clock=hands) as bridge:  # type: ignore[arg-type]
        await bridge.post(an_alertmanager_message())
        delayed, approved, begun = await all_runs(store)
        await store.change(RUNS, {"id": begun.id}, Changes(set={"state": "running"}))
        bus.published.clear()
        await resolve(bridge)

    assert [run.id for run in await due(store)] == [delayed.id, approved.id]
    assert {getattr(message, "run_id", "") for message in bus.published} == {delayed.id, approved.id}
    assert await pending(store) == 0
    over = await alerts_over(store, delayed.trigger)
    assert over == (True, "its alert was resolved before it began, at 2026-01-31T12:00:00.000Z")


@pytest.mark.parametrize("verb", ["find", "change"])
async def test_a_crash_before_the_end_is_told_to_the_runs_is_made_good_by_another_instance(
    store: DocumentStore, verb: str
) -> None:
    await with_responses(store, AN_HOUR)
    hands = Hands()
    async with a_bridge(store, clock=hands) as bridge:
        await bridge.post(an_alertmanager_message())
    async with a_bridge(fails_once(store, verb, RUNS), clock=hands) as crashed:
        await resolve(crashed)
    assert (await pending(store), await due(store)) == (1, [])
    assert (await the_alert(store)).alert.status == "resolved", "and a scheduler that looks at the run sees that"

    hands.now += timedelta(seconds=6)
    async with a_bridge(store, clock=hands) as other:
        await sweep(other)
    (run,) = await all_runs(store)
    assert (run.wake_at, await pending(store)) == (hands.now, 0)
    assert (await the_alert(store)).runs == [run.id]


async def test_an_alert_that_is_resolved_before_its_run_is_made_has_it_once_and_it_is_told(
    store: DocumentStore,
) -> None:
    await with_responses(store, AN_HOUR)
    hands = Hands()
    async with a_bridge(fails_once(store, "insert", RUNS), clock=hands) as crashed:
        await crashed.post(an_alertmanager_message())
    async with a_bridge(store, clock=hands) as one, a_bridge(store, clock=hands) as another:
        await asyncio.gather(resolve(one), resolve(another), sweep(one))

    (run,), stored = await all_runs(store), await the_alert(store)
    assert (stored.runs, stored.alert.status, await pending(store)) == ([run.id], "resolved", 0)
    assert run.wake_at == NOON


async def test_nobody_can_say_of_an_alert_that_is_gone_that_it_fires(store: DocumentStore) -> None:
    trigger = Trigger(kind="alert", by="down", alert_id="01GONE", cancel_on_resolve=True)
    assert await alerts_over(store, trigger) == (True, "its alert is not stored any more")


async def test_a_run_that_stands_for_several_alerts_ends_with_the_last(store: DocumentStore) -> None:
    await with_responses(store, {})
    bus = MemoryBus()
    await bus.open()

    async def asked(alert_id: str, *, ends: bool = True, not_before: Any = None) -> Run:
        await store.insert(ALERTS, {"id": alert_id, "identity": alert_id, "alert": {"status": "firing"}})
        trigger = Trigger(kind="alert", by="down", alert_id=alert_id, cancel_on_resolve=ends)
        request = RunRequest("restart", {"host": "web-1"}, trigger, f"of {alert_id}", not_before=not_before)
        run, _ = await request_run(store, bus, SEALER, request, clock=lambda: NOON)
        found = await store.get(RUNS, run.id)
        return Run.model_validate(found)

    async def resolved(alert_id: str) -> None:
        over = {"alert.status": "resolved", "alert.ends_at": f"2026-01-31T12:00:0{alert_id}.000Z"}
        await store.change(ALERTS, {"id": alert_id}, Changes(set=over))

    held = await asked("1")
    waiting = WaitingFor(gate="window", why="held", until=NOON + timedelta(hours=9)).model_dump(mode="json")
    await store.change(RUNS, {"id": held.id}, Changes(set={"state": "delayed", "waiting_for": waiting}))
    joined = await asked("2")
    assert (joined.id, joined.trigger.joined_alerts) == (held.id, ["2"])
    await resolved("1")
    assert (await alerts_over(store, joined.trigger)).is_over is False
    await resolved("2")
    assert await alerts_over(store, joined.trigger) == (
        True,
        "all its alerts were resolved before it began, at 2026-01-31T12:00:02.000Z",
    )
    later = await asked("3", not_before=NOON + timedelta(hours=1))
    assert later.id != held.id, "what has a delay of its own keeps to it"
    stays = await asked("4", ends=False)
    assert (stays.id, stays.trigger.cancel_on_resolve) == (held.id, False), "it stands for what does not end now, too"


# The provider, by what the alert says


async def with_machines(store: DocumentStore, choice: dict[str, Any], **response: Any) -> None:
    """A rule that restarts on the provider that is chosen so, among four."""
    machines = {
        "web-a": ("10.0.0.1", {"role": "web", "env": "prod"}),
        "web-b": ("10.0.0.2", {"role": "web", "env": "test"}),
        "db-a": ("db.example.org", {"role": "db", "env": "prod"}),
        "db.example.org": ("10.0.0.4", {"role": "db", "env": "test"}),
        "web-c": ("10.0.0.9", {"role": "web", "env": "prod", "zone": "z"}),
        "web-d": ("10.0.0.9", {}),
    }
    for name, (host, labels) in machines.items():
        connection = {"ssh": {"host": host, "user": "deploy", "password": {"secret": "deploy"}}}
        machine = {"name": name, "labels": labels, "connection": connection}
        await save(store, ProviderDefinition.model_validate(machine))
    rule = a_rule(responses=[{"action": "restart", "parameters": {"host": {"provider": choice}}, **response}])
    for definition in (restart(), rule):
        await save(store, definition)


def labelled(**labels: str) -> dict[str, Any]:
    return an_alertmanager_message(an_alertmanager_alert(labels={"alertname": "NginxDown", **labels}))


HOST = {"host": "{{ alert.labels.instance }}"}
LABELS = {"labels": {"role": "{{ alert.labels.job }}", "env": "{{ alert.labels.env }}"}}


@pytest.mark.parametrize(
    ("choice", "labels", "expected"),
    [
        (HOST, {"instance": "10.0.0.2:9100"}, "web-b"),
        (HOST, {"instance": "https://10.0.0.1:8443/health"}, "web-a"),
        (HOST, {"instance": "DB-A"}, "none is called 'DB-A', or connected to at this host"),
        (HOST, {"instance": "db.example.org:9100"}, "db.example.org"),
        (HOST, {"instance": "DB.example.org:9100"}, "db-a"),
        (HOST, {"instance": "10.0.0.9"}, "2 are connected to at the host '10.0.0.9': web-c, web-d"),
        (HOST, {"instance": ""}, "chooses no provider: a text has to have at least 1 character"),
        (HOST, {"instance": "x" * 1_001}, "chooses no provider: a text has to have at most 1000 characters"),
        (HOST, {}, "needs the label 'instance', and this alert has no such label"),
        (LABELS, {"job": "web", "env": "test"}, "web-b"),
        (LABELS, {"job": "web", "env": "prod"}, "2 have the labels role=web, env=prod: web-a, web-c"),
        (LABELS, {"job": "mail", "env": "prod"}, "none has the labels role=mail, env=prod"),
    ],
)
async def test_a_provider_is_chosen_by_what_the_alert_says_if_there_is_exactly_one(
    store: DocumentStore, choice: dict[str, Any], labels: dict[str, str], expected: str
) -> None:
    await with_machines(store, choice)
    async with a_bridge(store) as bridge:
        await bridge.post(labelled(**labels))
    (decision,) = (await the_alert(store)).decisions
    if decision.decision == "run_requested":
        (run,) = await all_runs(store)
        assert run.parameters["host"] == expected
    else:
        assert decision.decision == "parameters_refused"
        assert expected in decision.reason
    assert await pending(store) == 0


async def test_a_choice_has_a_default_for_what_the_alert_lacks(store: DocumentStore) -> None:
    await with_machines(store, LABELS, defaults={"host": "db-a"})
    async with a_bridge(store) as bridge:
        await bridge.post(labelled(job="web"))
    (run,) = await all_runs(store)
    assert run.parameters["host"] == "db-a"


async def test_a_run_that_was_made_is_the_one_although_its_provider_is_chosen_no_more(store: DocumentStore) -> None:
    await with_machines(store, HOST)
    hands = Hands()
    async with a_bridge(fails_once(store, "change", ALERTS), clock=hands) as crashed:
        await crashed.post(labelled(instance="10.0.0.2"))
    (run,) = await all_runs(store)
    await store.delete(PROVIDERS, {"id": "web-b"})
    hands.now += timedelta(seconds=6)
    async with a_bridge(store, clock=hands) as other:
        await sweep(other)
    stored = await the_alert(store)
    assert (stored.runs, stored.decisions[0].decision) == ([run.id], "run_requested")


# Cool-downs and flapping


class Flapping:
    """An alert that fires and is resolved again and again, as several bridges hear of it."""

    def __init__(self, store: DocumentStore) -> None:
        self.store = store
        self.hands = Hands()

    async def episode(self, minutes: int, *, bridges: int = 1, fingerprint: str = "f") -> list[tuple[str, str | None]]:
        """It fires so many minutes later, and is over; what was decided, with the earlier run."""
        self.hands.now += timedelta(minutes=minutes)
        times = {"startsAt": self.hands.now.isoformat(), "fingerprint": fingerprint}
        firing = an_alertmanager_message(an_alertmanager_alert(**times))
        over = {"status": "resolved", "endsAt": (self.hands.now + timedelta(seconds=1)).isoformat()}
        async with AsyncExitStack() as stack:
            opened = [await stack.enter_async_context(a_bridge(self.store, clock=self.hands)) for _ in range(bridges)]
            answers = await asyncio.gather(*[one.post(firing) for one in opened for _ in range(bridges)])
            assert {answer.status_code for answer in answers} == {202}
            await opened[0].post(an_alertmanager_message(an_alertmanager_alert(**times, **over)))
        stored = (await all_alerts(self.store))[-1]
        return [(one.decision, one.earlier_run) for one in stored.decisions]


@pytest.mark.parametrize("bridges", [1, 3])
async def test_a_fingerprint_cools_down_after_a_run_however_many_bridges_hear_of_it(
    store: DocumentStore, bridges: int
) -> None:
    await with_responses(store, {"cooldown": "15m", "cancel_on_resolve": False})
    alert = Flapping(store)
    assert await alert.episode(0, bridges=bridges) == [("run_requested", None)]
    (run,) = await all_runs(store)
    for minutes in (5, 5):
        assert await alert.episode(minutes, bridges=bridges) == [("cooling_down", run.id)]
    assert await alert.episode(1, bridges=bridges, fingerprint="other") == [("run_requested", None)]
    assert await alert.episode(4, bridges=bridges) == [("run_requested", None)], "15 minutes after its run"
    assert len(await all_runs(store)) == 3
    assert len(await all_alerts(store)) == 5


async def test_a_run_that_was_cancelled_before_it_began_is_no_reason_to_cool_down(store: DocumentStore) -> None:
    await with_responses(store, {"cooldown": "15m", **AN_HOUR})
    alert = Flapping(store)
    await alert.episode(0)
    (run,) = await all_runs(store)
    await store.change(RUNS, {"id": run.id}, Changes(set={"state": "cancelled"}))
    assert await alert.episode(1) == [("run_requested", None)]
    begun = (await all_runs(store))[-1]
    await store.change(RUNS, {"id": begun.id}, Changes(set={"state": "cancelled", "started_at": instant_text(NOON)}))
    assert await alert.episode(1) == [("cooling_down", begun.id)]


async def test_an_alert_that_flaps_is_quarantined_until_it_is_calmer(store: DocumentStore) -> None:
    for definition in (restart(), a_provider(), a_rule(flapping={"times": 3, "within": "10m"})):
        await save(store, definition)
    alert = Flapping(store)
    told = [(await alert.episode(minutes, bridges=2))[0][0] for minutes in (0, 4, 4, 4, 4)]
    assert told == ["run_requested", "run_requested", "flapping", "flapping", "flapping"], "it goes on flapping"
    assert await alert.episode(1, fingerprint="other") == [("run_requested", None)]
    assert await alert.episode(10) == [("run_requested", None)], "nothing for ten minutes but this"
    assert len(await all_runs(store)) == 4


async def test_a_replay_of_the_first_firing_does_not_count_it_twice(store: DocumentStore) -> None:
    for definition in (a_provider(), a_rule(flapping={"times": 2, "within": "10m"})):
        await save(store, definition)
    hands = Hands()
    async with a_bridge(store, clock=hands) as bridge:
        await bridge.post(an_alertmanager_message())
        assert [one.decision for one in (await the_alert(store)).decisions] == ["action_missing"]
        await save(store, restart())
        (delivery,) = await store.find(ALERT_DELIVERIES, {}, limit=2)
        asked = {"state": "requested", "by": "ann", "requested_at": instant_text(hands.now)}
        await store.change(ALERT_DELIVERIES, {"id": delivery["id"]}, Changes(set={"replay": asked}))
        await replay(bridge.app.state.alert_bridge, delivery["id"])
    assert [one.decision for one in (await the_alert(store)).decisions] == ["run_requested"]


# The storm breaker


def a_storm(count: int) -> dict[str, Any]:
    return an_alertmanager_message(*[an_alertmanager_alert(fingerprint=f"s{number}") for number in range(count)])


async def test_of_a_storm_so_many_runs_begin_whoever_hears_of_it_and_the_rest_waits_for_people(
    store: DocumentStore,
) -> None:
    for definition in (restart(), a_provider(), a_rule(storm={"runs": 5, "within": "10m"})):
        await save(store, definition)
    hands, alerts = Hands(), 40
    async with a_bridge(store, clock=hands) as one, a_bridge(store, clock=hands) as another:
        answers = await asyncio.gather(*[bridge.post(a_storm(alerts)) for bridge in (one, another)])
        assert {answer.status_code for answer in answers} == {202}
    runs = await all_runs(store)
    assert len(runs) == alerts
    assert [run.state for run in runs].count("queued") == 5
    held = [run for run in runs if run.state == "awaiting_approval"]
    assert (len(held), [run.trigger.is_quiet for run in held].count(False)) == (alerts - 5, 1)
    reasons = {one.decisions[0].reason for one in await all_alerts(store)}
    requested = "The rule 'nginx-down' matched, and requested a run of 'restart'"
    waits = "which waits for approval: its rule had 5 runs within 10m already"
    assert reasons == {f"{requested}.", f"{requested}, {waits}."}

    hands.now += timedelta(minutes=11)
    async with a_bridge(store, clock=hands) as bridge:
        await bridge.post(an_alertmanager_message(an_alertmanager_alert(fingerprint="later")))
    assert (await all_runs(store))[-1].state == "queued"


async def test_a_crash_lets_no_more_of_a_storm_through(store: DocumentStore) -> None:
    for definition in (restart(), a_provider(), a_rule(storm={"runs": 1, "within": "10m"})):
        await save(store, definition)
    hands = Hands()
    async with a_bridge(fails_once(store, "insert", RUNS), clock=hands) as crashed:
        await crashed.post(a_storm(1))
    async with a_bridge(store, clock=hands) as bridge:
        await bridge.post(an_alertmanager_message(an_alertmanager_alert(fingerprint="another")))
        hands.now += timedelta(seconds=6)
        await sweep(bridge)
    states = {run.trigger.alert_id: run.state for run in await all_runs(store)}
    first, second = await all_alerts(store)
    assert states == {first.id: "queued", second.id: "awaiting_approval"}
