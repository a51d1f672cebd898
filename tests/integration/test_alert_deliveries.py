"""Posts of any size are taken; what is refused or not understood is counted, logged and kept, a little of it."""

import asyncio
import json
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY

from alert_bridge.handlers.deliveries import MOST_KEPT
from alert_bridge.ports import TOLD_AT_ONCE
from shared.alerts import LONGEST_SHOWN, delivery_of
from shared.bodies import USUAL_LIMITS
from shared.collections import ALERT_DELIVERIES, ALERTS
from shared.contracts.delivery import NOT_TAKEN, AlertDelivery
from shared.store import DocumentStore
from shared.store.port import OneOf
from tests.builders_alerts import (
    SEALER,
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
)
from tests.integration.test_alert_bridge import fails_once

Logged = list[MutableMapping[str, Any]]


def counted(source: str, outcome: str) -> float:
    labels = {"source": source, "outcome": outcome}
    return REGISTRY.get_sample_value("opsimate_alert_deliveries_total", labels) or 0.0


async def kept(store: DocumentStore) -> list[AlertDelivery]:
    """What was kept of posts that were not taken or not understood."""
    found = await store.find(ALERT_DELIVERIES, {"outcome": OneOf(NOT_TAKEN)}, limit=1_000)
    return [delivery_of(document, SEALER) for document in found]


def warnings(logged: Logged) -> Logged:
    """Of the alert-bridge: the door tells of refusals as well."""
    return [line for line in logged if line["log_level"] == "warning" and line["event"].startswith("alerts.")]


# Whatever its size


@pytest.mark.parametrize(("count", "annotation"), [(1_500, 10), (150, 10_000)])
async def test_every_alert_of_a_large_group_is_stored(
    store: DocumentStore, bridge: RunningBridge, count: int, annotation: int
) -> None:
    """Cases B03 and P-6."""
    alerts = [
        an_alertmanager_alert(
            fingerprint=f"f{number}", labels={"alertname": "Other"}, annotations={"description": "d" * annotation}
        )
        for number in range(count)
    ]
    answer = await bridge.post(an_alertmanager_message(*alerts))
    assert (answer.status_code, answer.json()["accepted"], answer.json()["warnings"]) == (202, count, [])
    assert await store.count(ALERTS, {"alert.source": "alertmanager", "alert.status": "firing"}) == count


async def test_others_are_answered_while_a_large_group_is_stored(store: DocumentStore, bridge: RunningBridge) -> None:
    other = {"alertname": "Other"}
    alerts = [an_alertmanager_alert(fingerprint=f"f{number}", labels=other) for number in range(500)]
    large = asyncio.create_task(bridge.post(an_alertmanager_message(*alerts)))
    while await store.count(ALERTS, {"alert.source": "alertmanager"}) == 0:
        await asyncio.sleep(0)
    small = await bridge.post(a_generic_alert(), "generic")
    assert small.status_code == 202
    assert not large.done()
    assert (await large).json()["accepted"] == 500


async def test_more_alerts_than_are_taken_at_once_cost_those_beyond_and_not_the_others(
    store: DocumentStore, bridge: RunningBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alert_bridge.domain.status.MOST_ALERTS", 3)
    answer = await bridge.post([a_generic_alert(fingerprint=f"f{number}") for number in range(5)], "generic")
    assert answer.json()["accepted"] == 3
    assert answer.json()["warnings"] == ["body: holds 5 alerts, and the first 3 were taken; send fewer at once"]
    assert [one.outcome for one in await kept(store)] == ["unreadable"]


# What is not taken leaves a trace


@pytest.mark.parametrize(
    ("request_line", "body", "expected"),
    [
        ("POST generic", b'{"title":"line1\nline2"}', (400, "the body is not JSON")),
        ("POST generic", b'{"title":"C:\\x"}', (400, "the body is not JSON")),
        ("POST generic", b"payload=x", (400, "the body is not JSON")),
        ("POST alertmanager", b"x" * (USUAL_LIMITS.large + 1), (413, "16 MiB")),
        ("PUT alertmanager", b'{"alerts": []}', (405, "takes POST")),
        ("OPTIONS generic", b"", (405, "takes POST")),
        ("POST nobody", b'{"alerts": []}', (404, "'nobody' is not a known source")),
    ],
)
async def test_a_post_that_is_refused_is_logged_counted_and_kept(
    store: DocumentStore, bridge: RunningBridge, request_line: str, body: bytes, expected: tuple[int, str]
) -> None:
    """Cases B03, B13, P-9."""
    (method, source), (status, reason) = request_line.split(), expected
    known = source if source != "nobody" else "unknown"
    before = counted(known, "refused")
    with structlog.testing.capture_logs() as logged:
        answer = await bridge.client.request(method, f"/webhooks/{source}", content=body)

    assert answer.status_code == status
    assert counted(known, "refused") == before + 1
    (line,) = warnings(logged)
    (delivery,) = await kept(store)
    assert (line["event"], line["source"], line["status"], line["address"]) == (
        "alerts.refused",
        known,
        status,
        "127.0.0.1",
    )
    assert reason in line["reason"]
    assert (delivery.outcome, delivery.source, delivery.status, delivery.reason) == (
        "refused",
        known,
        status,
        line["reason"],
    )
    if status != 413:
        assert line["body"] == delivery.beginning == body.decode().replace("\n", " ")


async def test_what_is_not_understood_is_logged_counted_and_kept_although_it_is_accepted(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    before = counted("generic", "unreadable"), counted("generic", "accepted")
    with structlog.testing.capture_logs() as logged:
        await bridge.post({"msg": "db-1 is down"}, "generic")
        await bridge.post([a_generic_alert(), {"title": "x", "state": "ok"}], "generic")
        await bridge.post(a_generic_alert(), "generic")
    assert (counted("generic", "unreadable"), counted("generic", "accepted")) == (before[0] + 2, before[1] + 1)
    assert [line["event"] for line in warnings(logged)] == ["alerts.unreadable"] * 2
    assert [(one.outcome, one.status) for one in await kept(store)] == [("unreadable", 202)] * 2
    assert [alert.alert.status for alert in await all_alerts(store)] == ["unreadable", "firing", "updated"]
    assert len(await all_runs(store)) == 1


async def test_bodies_without_a_known_field_are_alerts_of_their_own_and_run_nothing(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    """Cases B01 and B04."""
    answers = [await bridge.post({"msg": f"{name} is down"}, "generic") for name in ("db-1", "web-9", "db-1")]
    first, second, again = [answer.json()["alerts"][0] for answer in answers]
    assert first == again != second
    assert all("has no field that is known" in answer.json()["warnings"][0] for answer in answers)
    alerts = {one.id: one for one in await all_alerts(store)}
    bodies = [alerts[one].alert.description for one in (first, second)]
    assert bodies == ['{"msg": "db-1 is down"}', '{"msg": "web-9 is down"}']
    assert {one.alert.status for one in alerts.values()} == {"unreadable"}
    assert await all_runs(store) == []


async def test_what_comes_without_a_token_is_counted_in_one_entry_without_its_body(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    before = counted("generic", "refused")
    await save_token(store, name="metrics", token="opsimate_for-metrics", role="metrics")
    with structlog.testing.capture_logs() as logged:
        for token in ("no", "opsimate_for-metrics", *["no"] * TOLD_AT_ONCE):
            headers = {"Authorization": f"Bearer {token}"}
            answer = await bridge.client.post("/webhooks/generic", content=b'{"body": 1}', headers=headers)
            assert answer.status_code in (401, 403)
        await bridge.client.post("/webhooks/alertmanager", content=b"{}", headers={"Authorization": "Bearer no"})
    assert counted("generic", "refused") == before + TOLD_AT_ONCE + 2
    assert [line["status"] for line in warnings(logged)] == [401, 403, *[401] * (TOLD_AT_ONCE - 1), 401]
    one, other = await kept(store)
    assert (one.source, one.outcome, one.status, one.address) == ("generic", "unauthorized", 401, "127.0.0.1")
    assert (one.reason, one.beginning) == ("this token is not known here", "")
    assert (one.times, other.source, other.times) == (TOLD_AT_ONCE + 1, "alertmanager", 1)


@pytest.mark.parametrize("path", ["", "/", "/unknown/", "/a/b"])
async def test_a_path_that_is_no_source_is_refused_and_leaves_a_trace(
    store: DocumentStore, bridge: RunningBridge, path: str
) -> None:
    answer = await bridge.client.post(f"/webhooks{path}", content=b"{}")
    assert answer.status_code == 404
    assert "known are: alertmanager, " in answer.json()["detail"]
    assert [(one.source, one.status, one.beginning) for one in await kept(store)] == [("unknown", 404, "{}")]


async def test_a_slash_at_the_end_of_a_sources_path_changes_nothing(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    assert (await bridge.post(an_alertmanager_message(), "alertmanager/")).status_code == 202
    assert (await bridge.post(b"no", "generic/")).status_code == 400
    assert (await bridge.client.put("/webhooks/generic/")).status_code == 405
    assert [one.source for one in await kept(store)] == ["generic", "generic"]
    assert len(await all_runs(store)) == 1


async def test_a_rule_that_matches_and_gets_no_run_is_told_in_the_log(store: DocumentStore) -> None:
    response = {"action": "restart", "parameters": {"host": "{{ alert.labels.a }}", "service": "{{ alert.labels.b }}"}}
    await save(store, a_rule(responses=[response]))
    async with a_bridge(store) as bridge:
        with structlog.testing.capture_logs() as logged:
            answer = await bridge.post(an_alertmanager_message())
            await bridge.post(an_alertmanager_message())
    (line,) = [line for line in logged if line["event"] == "alert.answered"]
    assert (line["log_level"], line["decisions"]) == ("warning", ["parameters_refused"])
    assert line["alert_id"] == answer.json()["alerts"][0]
    ((decision,),) = [stored.decisions for stored in await all_alerts(store)]
    assert "'host' needs the label 'a'" in decision.reason
    assert "'service' needs the label 'b'" in decision.reason


@pytest.mark.parametrize("path", ["/webhooks/generic", "/webhooks/unknown"])
async def test_a_sender_that_leaves_in_the_middle_of_its_body_is_one_line(
    store: DocumentStore, bridge: RunningBridge, path: str
) -> None:
    came: list[dict[str, Any]] = [{"type": "http.request", "body": b'{"title', "more_body": True}]

    async def receive() -> MutableMapping[str, Any]:
        return came.pop() if came else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        pass

    headers = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"host", b"bridge")]
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}
    with structlog.testing.capture_logs() as logged:
        await bridge.app({**scope, "client": ("127.0.0.1", 1), "http_version": "1.1", "scheme": "http"}, receive, send)
    assert [line["event"] for line in logged if line["log_level"] != "info"] == ["alerts.refused"]
    assert [one.beginning for one in await kept(store)] == ['{"title']


async def test_a_flood_of_bad_posts_fills_neither_log_nor_store(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    hands, before = Hands(), counted("generic", "refused")
    async with a_bridge(store, clock=hands) as bridge:
        with structlog.testing.capture_logs() as logged:
            for _ in range(TOLD_AT_ONCE * 3):
                await bridge.post(b"no", "generic")
        assert len(warnings(logged)) == len(await kept(store)) == TOLD_AT_ONCE
        assert counted("generic", "refused") == before + TOLD_AT_ONCE * 3
        hands.now += timedelta(minutes=1)
        with structlog.testing.capture_logs() as logged:
            await bridge.post(b"no", "generic")
        assert warnings(logged)[0]["not_logged_before"] == TOLD_AT_ONCE * 2
        for number in range(MOST_KEPT):
            hands.now += timedelta(minutes=1)
            await bridge.post(b"no %d" % number, "generic")
        await bridge.post(b"no", "alertmanager")
    found = await kept(store)
    assert len(found) == MOST_KEPT + 1
    assert {one.beginning for one in found if one.source == "generic"} == {
        f"no {number}" for number in range(MOST_KEPT)
    }


async def test_secrets_in_what_is_not_taken_are_masked_everywhere(store: DocumentStore, bridge: RunningBridge) -> None:
    secret = "hunter2-R0UTINGKEY"
    bodies = [
        json.dumps({"routing_key": secret, "event_action": "resolve", "nested": {"api_key": secret}}),
        json.dumps({"title": "x", "status": {"password": secret}, "pw": secret}),
        json.dumps({"title": "x", "status": "firing", "starts_at": f"password={secret}"}),
        json.dumps({"alerts": [f"password: {secret}", {"title": "x4", f"opsimate_{secret}": 1}]}),
        f'{{"password": "{secret}", "broken',
        f"title=x&auth_token={secret}&y=1",
        f"Authorization: Bearer {secret}\x1b[31m red",
        f"<token>{secret}</token> https://user:{secret}@host/",
    ]
    with structlog.testing.capture_logs() as logged:
        answers = [await bridge.post(body.encode(), "generic") for body in bodies]
    found = await kept(store)
    assert len(found) == len(warnings(logged)) == len(bodies) - 1  # one has a start that cannot be read, and fires
    assert [answer.text for answer in answers if secret in answer.text] == []
    told = [*map(str, logged), *[one.model_dump_json() for one in found]]
    told += [alert.model_dump_json() for alert in await all_alerts(store)]
    assert [text for text in told if secret in text or "\\x1b" in text or "\\u001b" in text] == []
    assert "event_action" in found[0].beginning


async def test_only_the_beginning_of_a_body_is_kept(store: DocumentStore, bridge: RunningBridge) -> None:
    with structlog.testing.capture_logs() as logged:
        await bridge.post(b"no " * 100_000, "generic")
    (delivery,), (line,) = await kept(store), warnings(logged)
    assert len(delivery.beginning) == LONGEST_SHOWN
    assert len(line["body"]) == 200


async def test_a_refusal_is_answered_and_logged_while_it_cannot_be_kept(store: DocumentStore) -> None:
    async with a_bridge(fails_once(store, "insert", ALERT_DELIVERIES)) as bridge:
        with structlog.testing.capture_logs() as logged:
            answer = await bridge.post(b"no", "generic")
    assert answer.status_code == 400
    assert [line["event"] for line in warnings(logged)] == ["alerts.refused", "alerts.delivery_not_kept"]


async def test_a_store_that_is_away_is_counted_as_that(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    before = counted("alertmanager", "unavailable"), counted("alertmanager", "refused")
    async with a_bridge(fails_once(store, "insert", ALERTS)) as bridge:
        assert (await bridge.post(an_alertmanager_message())).status_code == 503
    assert (counted("alertmanager", "unavailable"), counted("alertmanager", "refused")) == (before[0] + 1, before[1])
