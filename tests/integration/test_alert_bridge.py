"""The alert-bridge on a real store, from the POST to the stored alert and its runs."""

import asyncio
import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from alert_bridge.handlers.runs import finish_pending
from alert_bridge.main import SOURCES
from alert_bridge.ports import AlertBridgeContext
from shared.bodies import USUAL_LIMITS
from shared.bus.memory import MemoryBus
from shared.bus.port import Bus, BusUnavailableError
from shared.collections import ACTIONS, ALERT_RULES, ALERTS, ALL, RUNS, TOKENS
from shared.contracts.alert import ALERT_SOURCES
from shared.contracts.model import Message
from shared.contracts.run import AdvanceRun
from shared.contracts.values import instant_text
from shared.store import Collection, DocumentStore, StoreUnavailableError
from tests.builders import NOON
from tests.builders_alerts import (
    TOKEN,
    Hands,
    RunningBridge,
    a_bridge,
    a_generic_alert,
    a_rule,
    all_alerts,
    all_runs,
    an_alertmanager_alert,
    an_alertmanager_message,
    save,
    save_all_for_nginx,
    save_token,
    the_alert,
)
from tests.integration.conftest import NewStore

STOPS: dict[str, Any] = {"continue": False}


class FailsOnce:
    """A store that is away for one verb on one collection, once; ``happened`` where it did do it all the same."""

    def __init__(self, store: DocumentStore, verb: str, collection: Collection, *, happened: bool = False) -> None:
        self._store = store
        self._fails: set[tuple[str, str]] = {(verb, collection.name)}
        self._happened = happened

    def __getattr__(self, verb: str) -> Any:
        ask = getattr(self._store, verb)

        async def asked(collection: Collection, *arguments: Any, **options: Any) -> Any:
            if (verb, collection.name) not in self._fails:
                return await ask(collection, *arguments, **options)
            self._fails.clear()
            if self._happened:
                await ask(collection, *arguments, **options)
            raise StoreUnavailableError("the connection was lost")

        return asked


class Recorder:
    """A bus that keeps what is published, or is away."""

    keeps_messages = True

    def __init__(self, *, away: bool = False) -> None:
        self.published: list[Message] = []
        self._away = away

    async def ping(self) -> None:
        if self._away:
            raise BusUnavailableError("the broker is away")

    async def publish(self, message: Message) -> None:
        if self._away:
            raise BusUnavailableError("the broker is away")
        self.published.append(message)


def fails_once(store: DocumentStore, verb: str, collection: Collection, *, happened: bool = False) -> DocumentStore:
    return cast(DocumentStore, FailsOnce(store, verb, collection, happened=happened))


async def sweep(bridge: RunningBridge) -> None:
    handlers: AlertBridgeContext = bridge.app.state.alert_bridge
    await finish_pending(handlers)


async def pending(store: DocumentStore) -> int:
    return await store.count(ALERTS, {"pending": True})


# An alert leads to a run


async def test_an_alert_that_a_rule_matches_leads_to_a_run(store: DocumentStore, bridge: RunningBridge) -> None:
    answer = await bridge.post(an_alertmanager_message())

    stored, (run,) = await the_alert(store), await all_runs(store)
    assert answer.status_code == 202
    assert answer.json() == {"accepted": 1, "alerts": [stored.id], "warnings": []}
    assert (run.action.name, run.parameters, run.state) == ("restart", {"host": "web-1", "service": "nginx"}, "queued")
    assert run.trigger.model_dump() == {
        "kind": "alert",
        "by": "nginx-down",
        "note": "nginx is down on web-1",
        "alert_id": stored.id,
        "cancel_on_resolve": True,
    }
    assert stored.runs == [run.id]
    (decision,) = stored.decisions
    assert (decision.rule, decision.action, decision.decision, decision.run_id) == (
        "nginx-down",
        "restart",
        "run_requested",
        run.id,
    )
    assert decision.reason == "The rule 'nginx-down' matched, and requested a run of 'restart'."
    assert await pending(store) == 0


async def test_the_scheduler_is_told_of_the_run(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    bus = Recorder()
    async with a_bridge(store, cast(Bus, bus)) as bridge:
        await bridge.post(a_generic_alert(), "generic")
    (run,) = await all_runs(store)
    (message,) = bus.published
    assert isinstance(message, AdvanceRun)
    assert message.run_id == run.id


async def test_an_alert_is_taken_while_the_broker_is_away(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    async with a_bridge(store, cast(Bus, Recorder(away=True))) as bridge:
        assert (await bridge.post(an_alertmanager_message())).status_code == 202
    assert len(await all_runs(store)) == 1
    assert await pending(store) == 0


async def test_every_alert_of_a_batch_is_taken_by_itself_and_answered_in_order(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    alerts = [an_alertmanager_alert(fingerprint=f"f{number}") for number in range(50)]
    alerts[7]["status"] = "resolved"
    alerts[8]["labels"] = {"alertname": "Other"}

    answer = (await bridge.post(an_alertmanager_message(*alerts))).json()

    by_id = {stored.id: stored for stored in await all_alerts(store)}
    assert [by_id[one].alert.fingerprint for one in answer["alerts"]] == [f"f{number}" for number in range(50)]
    assert answer["accepted"] == 50
    decisions = [by_id[one].decisions[0].decision for one in answer["alerts"]]
    assert decisions == ["run_requested"] * 7 + ["not_firing", "no_rule_matched"] + ["run_requested"] * 41
    assert len(await all_runs(store)) == 48


async def test_a_rule_saved_just_before_an_alert_holds_for_it(store: DocumentStore, bridge: RunningBridge) -> None:
    other = an_alertmanager_alert(labels={"alertname": "DiskFull", "instance": "web-1"})
    await bridge.post(an_alertmanager_message(an_alertmanager_alert(fingerprint="x")))
    await save(store, a_rule("disk-full", labels={"alertname": "DiskFull"}))

    await bridge.post(an_alertmanager_message(other))

    assert [run.trigger.by for run in await all_runs(store)] == ["nginx-down", "disk-full"]


# One alert, one run


async def test_an_alert_delivered_again_leads_to_no_second_run(store: DocumentStore, bridge: RunningBridge) -> None:
    first, again = [(await bridge.post(an_alertmanager_message())).json() for _ in range(2)]

    stored = await the_alert(store)
    assert first == again
    assert stored.deliveries == 2
    assert len(await all_runs(store)) == 1


async def test_ten_deliveries_at_once_lead_to_one_run(store: DocumentStore, bridge: RunningBridge) -> None:
    answers = await asyncio.gather(*[bridge.post(an_alertmanager_message()) for _ in range(10)])

    stored, (run,) = await the_alert(store), await all_runs(store)
    assert {answer.status_code for answer in answers} == {202}
    assert {answer.json()["alerts"][0] for answer in answers} == {stored.id}
    assert stored.deliveries == 10
    assert stored.runs == [run.id]


async def test_ten_deliveries_at_once_to_two_instances_lead_to_one_run(
    store: DocumentStore, new_store: NewStore, bridge: RunningBridge
) -> None:
    second = new_store()
    await second.open(ALL)
    async with a_bridge(second) as other:
        posts = [instance.post(a_generic_alert(starts_at=None), "generic") for instance in [bridge, other] * 5]
        answers = await asyncio.gather(*posts)
    if second is not store:
        await second.close()

    stored, (run,) = await the_alert(store), await all_runs(store)
    assert {answer.status_code for answer in answers} == {202}
    assert (stored.deliveries, stored.runs) == (10, [run.id])


async def test_an_alert_twice_in_one_batch_leads_to_one_run(store: DocumentStore, bridge: RunningBridge) -> None:
    over = an_alertmanager_alert(status="resolved", endsAt="2026-01-31T11:59:00Z")
    answer = await bridge.post(an_alertmanager_message(an_alertmanager_alert(), an_alertmanager_alert(), over))

    stored = await the_alert(store)
    assert answer.json()["alerts"] == [stored.id] * 3
    assert (stored.deliveries, stored.alert.status) == (3, "resolved")
    assert len(await all_runs(store)) == 1


async def test_an_alert_that_fires_again_later_leads_to_another_run(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    for started, ended in (("11:00:00", "11:10:00"), ("11:30:00", "11:40:00")):
        alert = an_alertmanager_alert(startsAt=f"2026-01-31T{started}Z")
        await bridge.post(an_alertmanager_message(alert))
        over = {**alert, "status": "resolved", "endsAt": f"2026-01-31T{ended}Z"}
        await bridge.post(an_alertmanager_message(over))
    assert len(await all_alerts(store)) == len(await all_runs(store)) == 2


# Firing and resolved


async def test_a_resolved_alert_closes_the_firing_one(store: DocumentStore, bridge: RunningBridge) -> None:
    await bridge.post(an_alertmanager_message())
    over = an_alertmanager_alert(status="resolved", endsAt="2026-01-31T12:00:00Z")
    await bridge.post(an_alertmanager_message(over, status="resolved"))

    stored = await the_alert(store)
    assert (stored.alert.status, stored.alert.ends_at) == ("resolved", NOON)
    assert [decision.decision for decision in stored.decisions] == ["run_requested"]
    assert len(await all_runs(store)) == 1


async def test_a_resolved_alert_that_was_never_heard_of_is_recorded_and_starts_nothing(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    answer = await bridge.post(an_alertmanager_message(an_alertmanager_alert(status="resolved")))
    late = await bridge.post(an_alertmanager_message())

    stored = await the_alert(store)
    assert answer.status_code == late.status_code == 202
    assert [decision.decision for decision in stored.decisions] == ["not_firing"]
    assert await all_runs(store) == []


async def test_rules_are_asked_when_an_alert_first_fires_even_if_it_was_heard_of_before(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    for status in ("acknowledged", "updated", "firing", "firing"):
        await bridge.post(a_generic_alert(status=status), "generic")

    stored, (run,) = await the_alert(store), await all_runs(store)
    assert (stored.alert.status, stored.deliveries, stored.runs) == ("firing", 4, [run.id])


async def test_without_a_start_an_alert_is_the_same_until_it_is_resolved(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    hands, alert = Hands(), a_generic_alert(starts_at=None)
    async with a_bridge(store, clock=hands) as bridge:
        for _ in range(3):
            await bridge.post(alert, "generic")
            hands.now += timedelta(minutes=20)
        assert len(await all_runs(store)) == 1
        await bridge.post({**alert, "status": "ok"}, "generic")
        assert (await the_alert(store)).alert.status == "resolved"
        await bridge.post({**alert, "status": "ok"}, "generic")
        await bridge.post(alert, "generic")

    old, new = await all_alerts(store)
    assert (old.alert.status, old.deliveries) == ("resolved", 5)
    assert (new.alert.status, new.deliveries) == ("firing", 1)
    assert len(await all_runs(store)) == 2


async def test_without_a_start_an_alert_that_was_silent_for_long_is_a_new_one(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    hands = Hands()
    async with a_bridge(store, clock=hands) as bridge:
        for _ in range(2):
            await bridge.post(a_generic_alert(starts_at=None), "generic")
            hands.now += timedelta(minutes=31)
        answers = await asyncio.gather(*[bridge.post(a_generic_alert(starts_at=None), "generic") for _ in range(5)])

    assert len({answer.json()["alerts"][0] for answer in answers}) == 1
    assert len(await all_runs(store)) == 3


async def test_an_event_that_its_sender_names_is_known_again_however_late(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    hands, event = Hands(), a_generic_alert(starts_at=None, event_id="build-17")
    async with a_bridge(store, clock=hands) as bridge:
        await bridge.post(event, "generic")
        hands.now += timedelta(days=1)
        await bridge.post(event, "generic")
    assert len(await all_runs(store)) == 1


# Nothing is lost


@pytest.mark.parametrize("happened", [False, True])
@pytest.mark.parametrize(
    ("verb", "collection"), [("insert", RUNS), ("change", ALERTS), ("get", ACTIONS)], ids=lambda part: str(part)[:6]
)
async def test_a_crash_between_alert_and_run_is_made_good_by_a_redelivery(
    store: DocumentStore, verb: str, collection: Collection, happened: bool
) -> None:
    await save_all_for_nginx(store)
    async with a_bridge(fails_once(store, verb, collection, happened=happened)) as bridge:
        first = await bridge.post(an_alertmanager_message())
        again = await bridge.post(an_alertmanager_message())

    stored, (run,) = await the_alert(store), await all_runs(store)
    assert first.json() == again.json()
    assert stored.runs == [run.id]
    assert stored.decisions[0].run_id == run.id
    assert await pending(store) == 0


async def test_a_crash_between_alert_and_run_is_made_good_by_the_sweep_of_another_instance(
    store: DocumentStore,
) -> None:
    await save_all_for_nginx(store)
    hands = Hands()
    async with a_bridge(fails_once(store, "insert", RUNS), clock=hands) as crashed:
        assert (await crashed.post(an_alertmanager_message())).status_code == 202
    assert (await pending(store), await all_runs(store)) == (1, [])

    async with a_bridge(store, clock=hands) as other:
        await sweep(other)
        assert await all_runs(store) == []  # its receiver may be at it still
        hands.now += timedelta(seconds=6)
        await asyncio.gather(sweep(other), sweep(other))

    stored, (run,) = await the_alert(store), await all_runs(store)
    assert stored.runs == [run.id]
    assert await pending(store) == 0


async def test_the_sweep_reaches_every_alert_that_was_left(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    hands, left = Hands(), 230
    alerts = [an_alertmanager_alert(fingerprint=f"f{number}") for number in range(left)]
    async with a_bridge(store, clock=hands) as bridge:
        await bridge.post(an_alertmanager_message(*alerts))
    for document in await store.find(ALERTS, {}, limit=left):
        planned = [{"place": 0, "rule": "r", "action": "gone", "parameters": {}, "request_id": document["id"]}]
        kept = {key: value for key, value in document.items() if key != "version"}
        lost = {**kept, "pending": True, "planned": json.dumps(planned), "runs": []}
        assert await store.replace(ALERTS, lost, version=document["version"])

    hands.now += timedelta(minutes=1)
    async with a_bridge(store, clock=hands) as bridge:
        await sweep(bridge)

    assert await pending(store) == 0
    assert {stored.decisions[0].decision for stored in await all_alerts(store)} == {"action_missing"}


@pytest.mark.parametrize("happened", [False, True])
async def test_with_the_store_away_the_sender_is_told_to_send_again_and_loses_nothing(
    store: DocumentStore, happened: bool
) -> None:
    await save_all_for_nginx(store)
    async with a_bridge(fails_once(store, "insert", ALERTS, happened=happened)) as bridge:
        refused = await bridge.post(an_alertmanager_message())
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert len(await all_alerts(store)) == int(happened)
        again = await bridge.post(an_alertmanager_message())

    (run,) = await all_runs(store)
    assert again.status_code == 202
    assert (await the_alert(store)).runs == [run.id]


@pytest.mark.parametrize(("verb", "collection"), [("find", ALERT_RULES), ("find", TOKENS)], ids=["rules", "tokens"])
async def test_nothing_is_marked_where_rules_or_tokens_cannot_be_read(
    store: DocumentStore, verb: str, collection: Collection
) -> None:
    await save_all_for_nginx(store)
    async with a_bridge(fails_once(store, verb, collection)) as bridge:
        assert (await bridge.post(an_alertmanager_message())).status_code == 503
        assert await all_alerts(store) == []
        assert (await bridge.post(an_alertmanager_message())).status_code == 202
    assert len(await all_runs(store)) == 1


# What leads to no run says why


async def test_an_alert_that_no_rule_matches_is_recorded_with_the_reason(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    await bridge.post(an_alertmanager_message(an_alertmanager_alert(labels={"alertname": "DiskFull"})))

    (decision,) = (await the_alert(store)).decisions
    assert (decision.decision, decision.rule) == ("no_rule_matched", None)
    assert "The one alert rule was asked" in decision.reason
    assert "alertname = 'NginxDown', and this has 'DiskFull'" in decision.reason
    assert await all_runs(store) == []


async def test_rules_are_asked_in_their_order_with_their_conditions(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    condition = "alert.labels.rack == 'r1'"
    await save(store, a_rule("a-undecided", when=condition))
    await save(store, a_rule("b-no", labels={"instance": {"regex": "db-.*"}}))
    await save(store, a_rule("c-stops", labels={"env": {"in": ["prod", "test"]}}, when="true", **STOPS))
    async with a_bridge(store) as bridge:
        await bridge.post(an_alertmanager_message())
        await bridge.service.stop()

    (run,), stored = await all_runs(store), await the_alert(store)
    assert run.trigger.by == "c-stops", "nginx-down comes behind it, and is not asked"
    assert [(one.rule, one.decision, one.run_id) for one in stored.decisions] == [
        ("a-undecided", "condition_failed", None),
        ("c-stops", "run_requested", run.id),
    ]
    assert "there is no 'rack' there; has(…) asks whether there is" in stored.decisions[0].reason


@pytest.mark.parametrize(
    ("response", "decision", "said"),
    [
        (
            {"action": "restart", "parameters": {"host": "{{ alert.labels.rack }}"}},
            "parameters_refused",
            "label 'rack'",
        ),
        ({"action": "restart", "parameters": {"host": "web-9"}}, "parameters_refused", "no provider 'web-9'"),
        ({"action": "restart", "parameters": {}}, "parameters_refused", "parameters.host: is required"),
        (
            {"action": "restart", "parameters": {"host": "web-1", "service": "{{ alert.title }}"}},
            "parameters_refused",
            "parameters.service",
        ),
        ({"action": "reboot"}, "action_missing", "there is no action 'reboot'"),
    ],
)
async def test_a_run_that_cannot_be_requested_is_recorded_with_the_reason(
    store: DocumentStore, response: dict[str, Any], decision: str, said: str
) -> None:
    await save_all_for_nginx(store)
    await save(store, a_rule("other", labels={"env": "prod"}, responses=[response]))
    async with a_bridge(store) as bridge:
        answer = await bridge.post(an_alertmanager_message())

    stored, (run,) = await the_alert(store), await all_runs(store)
    assert answer.status_code == 202
    assert [(one.rule, one.decision) for one in stored.decisions] == [
        ("nginx-down", "run_requested"),
        ("other", decision),
    ]
    assert said in stored.decisions[1].reason
    assert stored.runs == [run.id]
    assert await pending(store) == 0


async def test_labels_with_dots_and_dollars_are_kept(store: DocumentStore, bridge: RunningBridge) -> None:
    labels = {"app.kubernetes.io/name": "nginx", "$where": "1", "": "no name"}
    await bridge.post(a_generic_alert(labels={**labels, "k\0": "v\0"}), "generic")
    assert (await the_alert(store)).alert.labels == {**labels, "k\ufffd": "v\ufffd"}


# The face


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{not json", 400, "not JSON"),
        (b"", 400, "empty"),
        (b'{"title":"line1\nline2"}', 400, "not JSON"),
        (b'{"title":"C:\\x"}', 400, "not JSON"),
        (b"payload=%7B%7D", 400, "not JSON"),
        (b"[" * 50_000 + b"]" * 50_000, 400, "nested too deeply"),
        (b'{"alerts": []}' + b" " * USUAL_LIMITS.large, 413, "16 MiB"),
    ],
)
async def test_a_body_that_cannot_be_is_refused_with_the_reason_and_nothing_is_stored(
    store: DocumentStore, bridge: RunningBridge, body: bytes, status: int, said: str
) -> None:
    answer = await bridge.post(body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert said in answer.json()["detail"]
    assert await all_alerts(store) == []


async def test_of_a_batch_with_bad_alerts_the_good_ones_are_taken(store: DocumentStore, bridge: RunningBridge) -> None:
    """Cases B15 and P-8."""
    alerts: list[Any] = [an_alertmanager_alert(fingerprint=f"f{number}") for number in range(4)]
    alerts[1]["startsAt"] = "2026.01.31 11:58:00"
    alerts[2]["startsAt"] = "yesterday"
    alerts[2]["labels"]["extra"] = None
    answer = await bridge.post(an_alertmanager_message(alerts=[*alerts, 7]))
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 4
    assert [sentence.partition(":")[0] for sentence in answer.json()["warnings"]] == [
        "alerts.1.startsAt",
        "alerts.2.startsAt",
        "alerts.4",
    ]
    by_fingerprint = {stored.alert.fingerprint: stored.alert for stored in await all_alerts(store)}
    assert instant_text(by_fingerprint["f1"].starts_at) == "2026-01-31T11:58:00.000Z"
    assert len(await all_runs(store)) == 4


async def test_a_body_is_understood_by_its_content(store: DocumentStore, bridge: RunningBridge) -> None:
    body = json.dumps(an_alertmanager_message())
    answer = await bridge.client.post("/webhooks/alertmanager", content=body, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 202
    assert len(await all_runs(store)) == 1


async def test_an_unknown_source_is_answered_with_the_known_ones(bridge: RunningBridge) -> None:
    answer = await bridge.post({}, "nobody")
    assert answer.status_code == 404
    assert ", ".join(sorted(SOURCES)) in answer.json()["detail"]


def _basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"alertmanager:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"Bearer {TOKEN}", 202),
        ("Bearer opsimate_admin", 202),
        (_basic(TOKEN), 202),
        (_basic("wrong"), 401),
        ("Bearer wrong", 401),
        ("Basic !", 401),
        (None, 401),
    ],
)
async def test_only_a_token_for_alerts_may_post(
    store: DocumentStore, bridge: RunningBridge, authorization: str | None, status: int
) -> None:
    await save_token(store, name="admin", token="opsimate_admin", role="administrator")
    headers = {"Authorization": authorization} if authorization else {}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app), base_url="http://bridge") as client:
        answers = [
            await client.post(f"/webhooks/{source}", headers=headers, json={"alerts": []})
            for source in ("alertmanager", "generic")
        ]
        unknown = await client.post("/webhooks/nobody", headers=headers, json={})
    assert [answer.status_code for answer in answers] == [status, status]
    assert unknown.status_code == (404 if status == 202 else 401)


async def test_the_documentation_says_how_to_connect_every_source(bridge: RunningBridge) -> None:
    paths = (await bridge.client.get("/openapi.json")).json()["paths"]
    routes = {route.path for source in SOURCES.values() for route in source.routes if route.documented}
    assert {path for path in paths if path.startswith("/webhooks") or path in routes} == routes
    assert {f"/webhooks/{name}{rest}" for name in ALERT_SOURCES for rest in ("", "/{integration}")} <= routes
    assert "webhook_configs" in paths["/webhooks/alertmanager"]["post"]["description"]
    for name in SOURCES:
        posted = paths[f"/webhooks/{name}"]["post"]
        content = posted["requestBody"]["content"]["application/json"]
        answer = await bridge.post(content["examples"]["firing"]["value"], name)
        assert str(answer.status_code) in posted["responses"]
        assert answer.status_code < 300


async def test_a_sender_is_answered_before_all_runs_of_a_large_delivery_are_made_and_the_sweep_makes_them(
    store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await save_all_for_nginx(store)
    monkeypatch.setattr("alert_bridge.handlers.alerts.ANSWER_WITHIN", 0.0)
    hands = Hands()
    alerts = [an_alertmanager_alert(fingerprint=f"f{number}") for number in range(30)]
    async with a_bridge(store, clock=hands) as bridge:
        answer = await bridge.post(an_alertmanager_message(*alerts))
        assert (answer.status_code, answer.json()["accepted"]) == (202, 30)
        assert (await pending(store), await all_runs(store)) == (30, [])
        hands.now += timedelta(seconds=6)
        await sweep(bridge)
    assert (await pending(store), len(await all_runs(store))) == (0, 30)


async def test_the_service_sweeps_from_its_start_until_it_is_stopped(store: DocumentStore, tmp_path: Path) -> None:
    await save_all_for_nginx(store)
    hands = Hands()
    async with a_bridge(fails_once(store, "insert", RUNS), clock=hands) as crashed:
        await crashed.post(an_alertmanager_message())
    hands.now += timedelta(seconds=6)
    bus = MemoryBus()
    async with a_bridge(store, bus, clock=hands) as started:
        await started.service.start()
        async with asyncio.timeout(20):
            while await pending(store):
                await asyncio.sleep(0.01)
        await started.service.stop()
    assert len(await all_runs(store)) == 1
