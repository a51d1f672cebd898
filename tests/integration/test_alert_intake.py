"""Who may post: a token is shown first, or the body itself says who sent it. What is taken can be decided again."""

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from alert_bridge.domain.source import Accepted, Answer, ReceivedDelivery, SourceRoute
from alert_bridge.handlers.deliveries import forget_old_deliveries
from alert_bridge.handlers.replays import finish_replays, replay
from alert_bridge.handlers.runs import finish_pending
from alert_bridge.main import SOURCES
from alert_bridge.ports import AlertBridgeContext
from catalog.handlers.alerts import request_replay
from catalog.handlers.refusals import ConflictError, UnknownError
from shared.alerts import delivery_of
from shared.bodies import BodyGuard, BodyLimits
from shared.bus.memory import MemoryBus
from shared.clock import utc_now
from shared.collections import ALERT_DELIVERIES, ALERTS, ALL, RUNS, SECRETS
from shared.contracts.alert import ALERT_SOURCES
from shared.contracts.delivery import AlertDelivery
from shared.contracts.integration import IntegrationDefinition
from shared.contracts.principal import Principal
from shared.store import Collection, DocumentStore, StoreUnavailableError
from tests.builders_alerts import (
    SEALER,
    Hands,
    RunningBridge,
    a_bridge,
    a_generic_alert,
    a_provider,
    a_rule,
    all_alerts,
    all_runs,
    an_alertmanager_message,
    restart,
    save,
    save_all_for_nginx,
    save_secret,
    the_alert,
)
from tests.integration.conftest import NewStore
from tests.integration.test_alert_bridge import fails_once

GRAFANA = Path(__file__).parents[1] / "samples/senders/grafana-alerting-2026.08-hmac.json"
SMALL = BodyLimits(large=10_000, unverified_seconds=0.5, unverified_of_address=15_000)


async def save_integration(
    store: DocumentStore, name: str = "signed", *, source: str = "generic", secrets: tuple[str, ...] = ("old", "new")
) -> None:
    """An integration whose sender signs with one of these secrets, and the secrets, each with its name as its value."""
    for secret in secrets:
        await save_secret(store, secret)
    definition = IntegrationDefinition.model_validate(
        {"name": name, "source": source, "verify": {"hmac": {"secrets": list(secrets)}}}
    )
    await save(store, definition)


def signature(body: bytes, by: str = "new") -> str:
    return hmac.new(f"value of {by}".encode(), body, hashlib.sha256).hexdigest()


async def post_signed(
    bridge: RunningBridge, body: bytes, signed: str | None, *, path: str = "generic/signed"
) -> httpx.Response:
    """Post without any token."""
    headers = {} if signed is None else {b"X-Hub-Signature-256": signed.encode()}
    transport = httpx.ASGITransport(bridge.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as client:
        return await client.post(f"/webhooks/{path}", content=body, headers=headers)


@pytest.fixture
async def signed(store: DocumentStore, bridge: RunningBridge) -> RunningBridge:
    """A bridge with an integration that is verified by its body."""
    await save_integration(store)
    return bridge


ADA = Principal("01KB0V5W3Y3Q9M1QK5M6Y9T2XR", "ada", "person", frozenset(), "viewer")
BODY = json.dumps(a_generic_alert()).encode()


# Who may post


def test_every_source_of_the_registry_is_spoken_to() -> None:
    assert tuple(SOURCES) == ALERT_SOURCES


@pytest.mark.parametrize(
    "signed_with",
    [signature(BODY), f"sha256={signature(BODY)}", signature(BODY, "old")],
    ids=["bare", "prefixed", "the secret that is being changed for another"],
)
async def test_a_body_that_its_integrations_secret_signed_is_taken_without_a_token(
    store: DocumentStore, signed: RunningBridge, signed_with: str
) -> None:
    answer = await post_signed(signed, BODY, signed_with)
    assert answer.status_code == 202
    stored = await the_alert(store)
    assert (stored.alert.source, stored.alert.integration) == ("generic", "signed")
    assert len(await all_runs(store)) == 1


@pytest.mark.parametrize(
    ("body", "signed_with", "reason"),
    [
        (BODY + b" ", signature(BODY), "does not fit the body"),
        (BODY, signature(BODY, "another"), "does not fit the body"),
        (BODY, signature(BODY).upper(), "does not fit the body"),
        (BODY, "ü", "does not fit the body"),
        (BODY, "", "does not fit the body"),
        (BODY, None, "X-Hub-Signature-256 is missing"),
    ],
    ids=["another body", "another secret", "upper case", "not ASCII", "empty", "absent"],
)
async def test_a_body_that_is_not_signed_so_is_refused_and_leaves_nothing_but_its_count(
    store: DocumentStore, signed: RunningBridge, body: bytes, signed_with: str | None, reason: str
) -> None:
    answer = await post_signed(signed, body, signed_with)
    assert answer.status_code == 401
    assert reason in answer.json()["detail"]
    assert await all_alerts(store) == []
    (kept,) = [delivery_of(one, SEALER) for one in await store.find(ALERT_DELIVERIES, {})]
    assert (kept.outcome, kept.beginning, kept.replayable) == ("unauthorized", "", False)
    assert await contents(store) == {}


async def test_grafanas_signature_is_verified_as_grafana_makes_it(store: DocumentStore, bridge: RunningBridge) -> None:
    """The body as Grafana sent it; the header as it stood there, with the digest of this test's secret."""
    await save_integration(store, "grafana", source="alertmanager")
    body = GRAFANA.read_bytes()
    transport = httpx.ASGITransport(bridge.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as client:
        for secret, status in (("new", 202), ("another", 401)):
            headers = {"X-Grafana-Alerting-Signature": signature(body, secret)}
            answer = await client.post("/webhooks/alertmanager/grafana", content=body, headers=headers)
            assert answer.status_code == status


async def test_the_only_integration_of_a_source_need_not_be_named_and_a_token_is_taken_as_ever(
    store: DocumentStore, signed: RunningBridge
) -> None:
    assert (await post_signed(signed, BODY, signature(BODY), path="generic")).status_code == 202
    assert (await signed.post(a_generic_alert(), "generic")).status_code == 202
    assert (await signed.post(a_generic_alert(), "generic/signed")).status_code == 202
    assert [one.alert.integration for one in await all_alerts(store)] == ["signed", ""]
    headers = {"Authorization": "Bearer opsimate_unknown", "X-Hub-Signature-256": signature(BODY)}
    for path, status in (("generic", 401), ("generic/signed", 202), ("alertmanager/signed", 401)):
        answer = await signed.client.post(f"/webhooks/{path}", content=BODY, headers=headers)
        assert answer.status_code == status


async def test_of_several_integrations_each_has_its_own_episodes_and_its_path(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    await save_integration(store, "one", secrets=("one",))
    await save_integration(store, "two", secrets=("two",))
    for name in ("one", "two"):
        assert (await post_signed(bridge, BODY, signature(BODY, name), path=f"generic/{name}")).status_code == 202
    assert (await post_signed(bridge, BODY, signature(BODY, "two"), path="generic/one")).status_code == 401
    assert (await post_signed(bridge, BODY, signature(BODY, "one"), path="generic")).status_code == 401
    assert [one.alert.integration for one in await all_alerts(store)] == ["one", "two"]
    assert len(await all_runs(store)) == 2


async def test_an_integration_that_is_not_there_is_told_to_whoever_may_post_only(
    store: DocumentStore, signed: RunningBridge
) -> None:
    assert (await post_signed(signed, BODY, signature(BODY), path="generic/other")).status_code == 401
    answer = await signed.post(a_generic_alert(), "generic/other")
    instead = "store it (kind: integration), or post to /webhooks/generic without a name"
    said = f"there is no integration 'other' of the source 'generic': {instead}"
    assert (answer.status_code, answer.json()["detail"]) == (404, said)


async def test_a_secret_that_is_missing_is_a_reason_to_send_again_and_not_to_let_anybody_in(
    store: DocumentStore, signed: RunningBridge
) -> None:
    await store.delete(SECRETS, {"id": "old"})
    await store.delete(SECRETS, {"id": "new"})
    for body_signed in (signature(BODY), hmac.new(b"", BODY, hashlib.sha256).hexdigest()):
        answer = await post_signed(signed, BODY, body_signed)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert await all_alerts(store) == []


async def test_a_source_has_paths_methods_and_an_answer_of_its_own(
    store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(delivery: ReceivedDelivery, accepted: Accepted) -> Answer:
        return Answer(f"{delivery.method} {delivery.query} {accepted.accepted}".encode(), 200, "text/plain")

    pager = replace(SOURCES["generic"], routes=(SourceRoute("/v2/enqueue", ("POST", "PUT")),), answer=said)
    monkeypatch.setattr("alert_bridge.main.SOURCES", {"generic": pager})
    async with a_bridge(store) as bridge:
        answer = await bridge.client.put("/v2/enqueue?a=b", content=BODY)
        assert (answer.status_code, answer.text) == (200, "PUT a=b 1")
        refused = await bridge.client.delete("/v2/enqueue/")
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST, PUT")
        assert (await bridge.client.post("/webhooks/generic", content=BODY)).status_code == 404
        async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app), base_url="http://bridge") as client:
            assert (await client.post("/v2/enqueue", content=BODY)).status_code == 401
    assert [(one.source, one.status) for one in await kept(store)] == [
        ("generic", 401),
        ("unknown", 404),
        ("generic", 405),
        ("generic", 202),
    ]


# Bodies that are read before it is known who sends them


@asynccontextmanager
async def a_narrow_bridge(store: DocumentStore, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RunningBridge]:
    monkeypatch.setattr("shared.application.BodyGuard", partial(BodyGuard, limits=SMALL))
    await save_integration(store)
    async with a_bridge(store) as bridge:
        yield bridge


async def test_a_body_that_is_not_verified_yet_is_limited_in_size(
    store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_narrow_bridge(store, monkeypatch) as bridge:
        assert (await post_signed(bridge, b" " * 10_001, "x")).status_code == 413
        assert (await post_signed(bridge, b" " * 10_000, "x")).status_code == 401


def a_request(path: str = "/webhooks/generic/signed", client: str = "192.0.2.1") -> dict[str, Any]:
    scope: dict[str, Any] = {"type": "http", "method": "POST", "path": path, "query_string": b"", "scheme": "http"}
    headers = [(b"host", b"bridge"), (b"transfer-encoding", b"chunked")]
    return {**scope, "headers": headers, "client": (client, 1), "http_version": "1.1"}


class Sender:
    """Sends a part of a body, and no more until it is told to."""

    def __init__(self, bridge: RunningBridge, size: int, **request: Any) -> None:
        self._pieces = [{"type": "http.request", "body": b" " * size, "more_body": True}]
        self.go_on = asyncio.Event()
        self.reading = asyncio.Event()
        self.status = 0
        self.sent = asyncio.create_task(bridge.app(a_request(**request), self._receive, self._send))

    async def _receive(self) -> MutableMapping[str, Any]:
        if self._pieces:
            return self._pieces.pop()
        self.reading.set()
        await self.go_on.wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]


async def test_a_body_that_is_not_verified_yet_is_limited_in_time(
    store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_narrow_bridge(store, monkeypatch) as bridge:
        sender = Sender(bridge, 10)
        await sender.sent  # its body never comes
        assert sender.status == 408


async def test_what_is_not_verified_yet_is_counted_by_address_until_it_is_over(
    store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.integration.test_alert_intake.SMALL", BodyLimits(unverified_of_address=15_000))
    async with a_narrow_bridge(store, monkeypatch) as bridge:
        first = Sender(bridge, 9_000)
        await first.reading.wait()
        too_much, elsewhere = Sender(bridge, 9_000), Sender(bridge, 9_000, client="192.0.2.2")
        await too_much.sent
        await elsewhere.reading.wait()
        assert too_much.status == 503
        for sender in (first, elsewhere):
            sender.go_on.set()
            await sender.sent
            assert sender.status == 401
        again = Sender(bridge, 9_000)
        again.go_on.set()
        await again.sent
        assert again.status == 401


async def test_without_an_integration_no_byte_is_read_before_a_token_is_shown(
    store: DocumentStore, signed: RunningBridge
) -> None:
    sender = Sender(signed, 10, path="/webhooks/alertmanager")
    await sender.sent
    assert sender.status == 401
    assert not sender.reading.is_set()


async def test_nothing_of_a_body_is_kept_whose_sender_nobody_knows(
    store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_narrow_bridge(store, monkeypatch) as bridge:
        transport = httpx.ASGITransport(bridge.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as client:
            assert (await client.put("/webhooks/generic/signed", content=b"of a stranger")).status_code == 405
            assert (await client.put("/v2/enqueue?a=stranger", content=b"of a stranger")).status_code == 401
        assert (await post_signed(bridge, b"stranger" * 2_000, "x")).status_code == 413
        assert (await bridge.client.put("/webhooks/generic/signed", content=b"of a friend")).status_code == 405
        assert [one.beginning for one in await kept(store)] == ["of a friend", "", "", ""]


# What is kept


async def kept(store: DocumentStore) -> list[AlertDelivery]:
    found = await store.find(ALERT_DELIVERIES, {}, limit=1_000, descending=True)
    return [delivery_of(document, SEALER) for document in found]


async def contents(store: DocumentStore) -> dict[str, bytes]:
    """What is kept whole, by the ids of the deliveries, the oldest first."""
    found = await store.find(ALERT_DELIVERIES, {}, limit=1_000)
    return {one["id"]: one["content"] for one in found if "content" in one}


async def test_a_delivery_is_kept_whole_and_readable_with_the_master_key_only(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    alert = a_generic_alert(annotations={"password": "hunter2", "note": "a-plain-text"})
    answer = await bridge.post(alert, "generic")
    (delivery,) = await kept(store)
    assert (delivery.outcome, delivery.replayable, delivery.alerts) == ("accepted", True, answer.json()["alerts"])
    assert "a-plain-text" in delivery.beginning
    assert "hunter2" not in delivery.beginning
    (document,) = await store.find(ALERT_DELIVERIES, {})
    raw = document.pop("content") + json.dumps(document).encode()
    assert [text for text in (b"hunter2", b"a-plain-text", b"opsimate_") if text in raw] == []
    assert delivery.size == len(json.dumps(alert))


async def test_of_a_body_beyond_what_is_kept_the_beginning_is_kept_and_it_cannot_be_decided_again(
    store: DocumentStore, bridge: RunningBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alert_bridge.handlers.deliveries.LONGEST_BODY_KEPT", 100)
    assert (await bridge.post(a_generic_alert(), "generic")).status_code == 202
    (delivery,) = await kept(store)
    assert (delivery.replayable, delivery.size > 100) == (False, True)
    with pytest.raises(ConflictError, match="too large"):
        await ask(store, delivery.id)


async def test_what_is_kept_no_longer_is_not_decided_again(store: DocumentStore) -> None:
    hands = Hands()
    async with a_bridge(store, clock=hands) as bridge:
        await bridge.post(a_generic_alert(), "generic")
        (delivery,) = await kept(store)
        await ask(store, delivery.id)
        hands.now += timedelta(days=7, seconds=1)
        await replay(bridge.app.state.alert_bridge, delivery.id)
        (delivery,) = await kept(store)
        assert delivery.replay is not None
        assert (delivery.replay.state, "older than deliveries are kept" in delivery.replay.reason) == ("failed", True)


async def test_deliveries_and_unreadable_alerts_are_forgotten_when_they_are_old_or_too_many(
    store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alert_bridge.handlers.deliveries.MOST_TAKEN_KEPT", 3)
    hands = Hands()
    async with a_bridge(store, clock=hands) as bridge:
        handlers: AlertBridgeContext = bridge.app.state.alert_bridge
        for number in range(5):
            await bridge.post(a_generic_alert(fingerprint=f"f{number}"), "generic")
            await bridge.post({"unknown": number}, "generic")
            await bridge.post(b"no %d" % number, "generic")
        await forget_old_deliveries(handlers)
        found = await kept(store)
        outcomes = [one.outcome for one in found]
        assert [outcomes.count(one) for one in ("accepted", "unreadable", "refused")] == [3, 3, 5]
        assert len(await contents(store)) == 6
        assert await store.count(ALERTS, {"alert.status": "unreadable"}) == 3
        hands.now += timedelta(days=8)
        await forget_old_deliveries(handlers)
        assert await kept(store) == []
        assert [one.alert.status for one in await all_alerts(store)] == ["firing"] * 5


async def test_bodies_are_forgotten_when_they_are_too_many_bytes(
    store: DocumentStore, bridge: RunningBridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alert_bridge.handlers.deliveries.MOST_BYTES_KEPT", 2_000)
    monkeypatch.setattr("alert_bridge.handlers.deliveries.LOOKED_THROUGH_EVERY", 1)
    for number in range(5):
        await bridge.post(a_generic_alert(fingerprint=f"f{number}"), "generic")
        found = await contents(store)
        assert 0 < sum(map(len, found.values())) <= 2_000
    assert list(found)[-1] == (await kept(store))[0].id


# Deciding again


async def ask(store: DocumentStore, delivery_id: str) -> AlertDelivery:
    bus = MemoryBus()
    await bus.open()
    return await request_replay(store, bus, SEALER, delivery_id, by=ADA, now=utc_now())


async def replayed(store: DocumentStore, bridge: RunningBridge, delivery_id: str) -> AlertDelivery:
    """The delivery after it was asked for and the sweep found it, as where the message is lost."""
    asked = await ask(store, delivery_id)
    assert asked.replay is not None
    assert asked.replay.state == "requested"
    handlers: AlertBridgeContext = bridge.app.state.alert_bridge
    later = Hands()
    later.now = utc_now() + timedelta(seconds=6)
    object.__setattr__(handlers, "clock", later)
    await finish_replays(handlers)
    (delivery,) = [one for one in await kept(store) if one.id == delivery_id]
    return delivery


async def test_a_delivery_that_no_rule_answered_is_decided_again_by_the_rules_of_now(store: DocumentStore) -> None:
    await save(store, restart())
    await save(store, a_provider())
    async with a_bridge(store) as bridge:
        (alert_id,) = (await bridge.post(an_alertmanager_message())).json()["alerts"]
        assert await all_runs(store) == []
        await save(store, a_rule())
        (delivery,) = await kept(store)
        decided = await replayed(store, bridge, delivery.id)
        (run,) = await all_runs(store)
        assert decided.replay is not None
        assert (decided.replay.state, decided.replay.by, decided.replay.alerts) == ("done", "ada", [alert_id])
        assert (decided.replay.reason, decided.replay.runs) == (
            "1 alert, of which 0 had not been stored; 1 run requested",
            [run.id],
        )
        assert (run.trigger.kind, run.trigger.alert_id) == ("alert", alert_id)
        stored = await the_alert(store)
        assert (stored.runs, stored.deliveries, stored.asked) == ([run.id], 1, 1)


async def test_a_replay_of_what_has_had_its_run_starts_none_however_often_and_however_late(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    await bridge.post(a_generic_alert(starts_at=None), "generic")  # which silence ends
    (delivery,) = await kept(store)
    for _ in range(2):
        decided = await replayed(store, bridge, delivery.id)
        assert decided.replay is not None
        assert decided.replay.reason == "1 alert, of which 0 had not been stored; 0 runs requested"
    handlers: AlertBridgeContext = bridge.app.state.alert_bridge
    await ask(store, delivery.id)
    later = Hands()
    later.now = utc_now() + timedelta(hours=2)
    object.__setattr__(handlers, "clock", later)
    await finish_replays(handlers)
    stored = await the_alert(store)
    assert (len(await all_runs(store)), stored.deliveries, stored.alert.status) == (1, 1, "firing")


async def test_a_replay_of_an_alert_that_is_over_starts_nothing(store: DocumentStore) -> None:
    async with a_bridge(store) as bridge:
        await bridge.post(a_generic_alert(), "generic")
        (delivery,) = await kept(store)
        await bridge.post(a_generic_alert(status="resolved"), "generic")
        await save_all_for_nginx(store)
        await replayed(store, bridge, delivery.id)
        assert ((await the_alert(store)).alert.status, await all_runs(store)) == ("resolved", [])


async def test_a_replay_takes_what_its_delivery_did_not_lead_to(store: DocumentStore, bridge: RunningBridge) -> None:
    """As where a body that could not be read is understood by a later release."""
    await bridge.post(a_generic_alert(), "generic")
    (delivery,) = await kept(store)
    await store.delete(ALERTS, {})
    decided = await replayed(store, bridge, delivery.id)
    assert decided.replay is not None
    assert decided.replay.alerts == [(await the_alert(store)).id]
    assert "1 had not been stored" in decided.replay.reason


async def test_a_replay_reads_the_body_with_its_headers_at_its_time_and_asks_for_no_signature(
    store: DocumentStore, signed: RunningBridge
) -> None:
    """An end that lay ahead then is not reached by waiting with the replay."""
    body = json.dumps({"labels": {"alertname": "NginxDown", "instance": "web-1"}, "endsAt": "2100-01-01T00:00:00Z"})
    await post_signed(signed, body.encode(), signature(body.encode()))
    await store.delete(SECRETS, {"id": "new"})
    await store.delete(ALERTS, {})
    (delivery,) = await kept(store)
    await replayed(store, signed, delivery.id)
    stored = await the_alert(store)
    assert (stored.alert.status, stored.alert.integration) == ("firing", "signed")
    assert stored.alert.starts_at == delivery.received_at


async def test_what_was_refused_or_is_not_there_cannot_be_replayed(store: DocumentStore, bridge: RunningBridge) -> None:
    await bridge.post(b"no", "generic")
    (delivery,) = await kept(store)
    with pytest.raises(ConflictError, match="it was refused"):
        await ask(store, delivery.id)
    with pytest.raises(UnknownError, match="no delivery 'none'"):
        await ask(store, "none")


async def test_a_replay_that_cannot_be_says_why(store: DocumentStore, bridge: RunningBridge) -> None:
    await bridge.post(a_generic_alert(), "generic")
    (document,) = await store.find(ALERT_DELIVERIES, {})
    damaged = {**document, "content": document["content"][:-1] + b"x"}
    assert await store.replace(ALERT_DELIVERIES, damaged, version=damaged.pop("version"))
    decided = await replayed(store, bridge, document["id"])
    assert decided.replay is not None
    assert decided.replay.state == "failed"
    assert "it is damaged" in decided.replay.reason
    assert len(await all_runs(store)) == 1


async def test_two_instances_that_decide_a_delivery_again_at_once_make_one_run(
    store: DocumentStore, new_store: NewStore
) -> None:
    elsewhere = new_store()
    await elsewhere.open(ALL)
    async with a_bridge(store) as one, a_bridge(elsewhere) as other:
        await one.post(an_alertmanager_message())
        await save_all_for_nginx(store)
        (delivery,) = await kept(store)
        await ask(store, delivery.id)
        contexts: list[AlertBridgeContext] = [one.app.state.alert_bridge, other.app.state.alert_bridge]
        await asyncio.gather(*(replay(context, delivery.id) for context in contexts * 3))
    (run,) = await all_runs(store)
    assert (await the_alert(store)).runs == [run.id]
    if elsewhere is not store:
        await elsewhere.close()


@pytest.mark.parametrize(("verb", "collection"), [("insert", RUNS), ("change", ALERTS), ("change", ALERT_DELIVERIES)])
async def test_a_replay_that_the_store_broke_off_is_made_good_by_the_sweep(
    store: DocumentStore, verb: str, collection: Collection
) -> None:
    async with a_bridge(store) as bridge:
        await bridge.post(an_alertmanager_message())
    await save_all_for_nginx(store)
    (delivery,) = await kept(store)
    await ask(store, delivery.id)
    async with a_bridge(fails_once(store, verb, collection, happened=True)) as bridge:
        with contextlib.suppress(StoreUnavailableError):
            await replay(bridge.app.state.alert_bridge, delivery.id)
    hands = Hands()
    hands.now = utc_now() + timedelta(seconds=6)
    async with a_bridge(store, clock=hands) as bridge:
        await finish_replays(bridge.app.state.alert_bridge)
        await finish_pending(bridge.app.state.alert_bridge)
    (run,) = await all_runs(store)
    assert (await the_alert(store)).runs == [run.id]
    assert [one.replay.state for one in await kept(store) if one.replay] == ["done"]


async def test_the_service_hears_of_a_replay_by_its_message(store: DocumentStore) -> None:
    await save_all_for_nginx(store)
    bus = MemoryBus()
    await bus.open()
    async with a_bridge(store, bus) as bridge:
        await bridge.service.start()
        await bridge.post(an_alertmanager_message())
        (delivery,) = await kept(store)
        await request_replay(store, bus, SEALER, delivery.id, by=ADA, now=utc_now())
        async with asyncio.timeout(20):
            while (replayed := (await kept(store))[0].replay) is None or replayed.state == "requested":
                await asyncio.sleep(0.01)
        await bridge.service.stop()
    assert (replayed.state, replayed.by, replayed.principal_id) == ("done", "ada", ADA.id)
    await bus.close()
