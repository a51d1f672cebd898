"""The contract of a source of alerts over HTTP: who may post, what is stored, what runs, and how it is answered."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from alert_bridge.adapters.reading import IntegrationReader
from alert_bridge.domain.source import Integration
from shared.collections import ALERT_DELIVERIES, ALL
from shared.contracts.alert import SIGNING_SOURCES
from shared.contracts.integration import IntegrationDefinition
from shared.store import DocumentStore
from shared.store.sqlite import SqliteDocumentStore
from tests.builders_alerts import (
    SEALER,
    TOKEN,
    Hands,
    RunningBridge,
    a_bridge,
    all_alerts,
    all_runs,
    save,
    save_all_for_every_alert,
    save_secret,
)
from tests.contract.sources.senders import SENDERS, Sender, Sent
from tests.contract.sources.test_sources import each

BEARER = {"authorization": f"Bearer {TOKEN}"}
OF_THE_CONNECTION = {"host", "content-length", "connection", "transfer-encoding", "accept-encoding", "authorization"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[DocumentStore]:
    """A store with a rule that runs something for every alert there is."""
    opened = SqliteDocumentStore(tmp_path / "opsimate.db")
    await opened.open(ALL)
    await save_all_for_every_alert(opened, defaults={"what": "nothing"})
    yield opened
    await opened.close()


@asynccontextmanager
async def bridge_at(store: DocumentStore, at: datetime) -> AsyncIterator[tuple[RunningBridge, Hands]]:
    """A bridge whose clock stands at this instant."""
    clock = Hands()
    clock.now = at
    async with a_bridge(store, clock=clock) as bridge:
        yield bridge, clock


async def post(
    bridge: RunningBridge, path: str, request: Sent, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """Post it as its sender does, with these headers beside its own; with a token of ours where none are named."""
    kept = {name: value for name, value in request.headers.items() if name not in OF_THE_CONNECTION}
    given = {**kept, **(BEARER if headers is None else headers)}
    transport = httpx.ASGITransport(bridge.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as client:
        address = httpx.URL(f"http://bridge{path}", query=request.query.encode() or None)
        sent = [(name.encode(), value.encode("latin-1", "replace")) for name, value in given.items()]
        return await client.request(request.method, address, content=request.body, headers=sent)


def fresh(store: DocumentStore) -> Callable[[str], Awaitable[Sequence[Integration]]]:
    """Reads integrations as they are now, whatever was remembered before."""
    return IntegrationReader(store, SEALER).read


def path_of(name: str, sender: Sender) -> str:
    return sender.path or f"/webhooks/{name}"


@each
async def test_a_problem_runs_once_however_often_it_is_told_and_its_end_and_all_else_run_nothing(
    store: DocumentStore, name: str, sender: Sender
) -> None:
    path = path_of(name, sender)
    async with bridge_at(store, sender.at) as (bridge, clock):
        for request in (*sender.tests, *sender.not_understood):
            assert (await post(bridge, path, request)).status_code == sender.answer
        assert await all_runs(store) == []
        for content_type in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
            headers = {**sender.firing.headers, "content-type": content_type}
            assert (await post(bridge, path, replace(sender.firing, headers=headers))).status_code == sender.answer
        firing = [one for one in await all_alerts(store) if one.alert.status == "firing"]
        assert [one.deliveries for one in firing if one.deliveries < 3] == []
        runs = await all_runs(store)
        assert len(runs) == len(firing) >= 1
        for request in sender.noted:
            assert (await post(bridge, path, request)).status_code == sender.answer
        clock.now = max(sender.at, sender.resolved_at)
        assert (await post(bridge, path, sender.resolved)).status_code == sender.answer
        assert "resolved" in {one.alert.status for one in await all_alerts(store)}
        assert len(await all_runs(store)) == len(runs)


@each
async def test_what_is_cut_is_no_json_or_too_long_is_refused_and_nothing_of_it_is_stored(
    store: DocumentStore, name: str, sender: Sender
) -> None:
    path = path_of(name, sender)
    async with bridge_at(store, sender.at) as (bridge, _clock):
        cut = Sent(sender.firing.body[: len(sender.firing.body) // 2])
        assert (await post(bridge, path, cut)).status_code == 400
        too_long = {**BEARER, "content-length": str(17 * 1024 * 1024)}
        assert (await post(bridge, path, sender.firing, too_long)).status_code == 413
        assert (await all_alerts(store), await all_runs(store)) == ([], [])
        assert {one["outcome"] for one in await store.find(ALERT_DELIVERIES, {})} == {"refused"}


@each
async def test_nobody_without_a_credential_is_let_in_and_an_integration_has_two_while_one_is_changed(
    store: DocumentStore, name: str, sender: Sender
) -> None:
    for secret in ("old", "new"):
        await save_secret(store, secret)
    token = {"token": {"secrets": ["old", "new"]}}
    definition = {"name": "own", "source": name, "verify": token}
    await save(store, IntegrationDefinition.model_validate(definition))
    async with bridge_at(store, sender.at) as (bridge, _clock):
        path = f"/webhooks/{name}/own"
        for headers in ({}, {"authorization": "Bearer value of another"}):
            assert (await post(bridge, path, sender.firing, headers)).status_code == 401
        assert await all_alerts(store) == []
        for secret in ("old", "new"):
            headers = {"authorization": f"Bearer value of {secret}"}
            assert (await post(bridge, path, sender.firing, headers)).status_code == sender.answer
        assert {(one.alert.integration, one.deliveries) for one in await all_alerts(store)} == {("own", 2)}


@pytest.mark.parametrize("name", SIGNING_SOURCES)
async def test_a_signature_lets_in_what_it_was_made_over_and_nothing_else(store: DocumentStore, name: str) -> None:
    if name == "generic":
        pytest.skip("its own tests say so")
    sender = SENDERS[name]
    assert sender.signature is not None
    header, prefix = sender.signature
    for secret in ("old", "new"):
        await save_secret(store, secret)
    definition = {"name": "own", "source": name, "verify": {"hmac": {"secrets": ["old", "new"]}}}
    await save(store, IntegrationDefinition.model_validate(definition))

    def signed(secret: str, body: bytes = sender.firing.body) -> dict[str, str]:
        return {header: prefix + hmac.new(f"value of {secret}".encode(), body, hashlib.sha256).hexdigest()}

    async with bridge_at(store, sender.at) as (bridge, _clock):
        path = f"/webhooks/{name}/own"
        for headers in ({}, signed("another"), signed("new", b"{}"), {header: signed("new")[header][:-1]}):
            assert (await post(bridge, path, sender.firing, headers)).status_code == 401
        assert await all_alerts(store) == []
        both = {header: f"{signed('another')[header]},{signed('new')[header]}"}
        for headers in (signed("old"), signed("new"), both, signed("new")):
            assert (await post(bridge, path, sender.firing, headers)).status_code == 202
        assert {one.deliveries for one in await all_alerts(store)} == {4}
        assert len(await all_runs(store)) == len(await all_alerts(store))


async def test_prometheus_is_answered_as_by_an_alertmanager(store: DocumentStore) -> None:
    sender = SENDERS["prometheus"]
    async with bridge_at(store, sender.at) as (bridge, _clock):
        for path in ("/api/v2/alerts", "/webhooks/prometheus/api/v2/alerts", "/webhooks/prometheus"):
            answer = await post(bridge, path, sender.firing)
            assert (answer.status_code, answer.content) == (200, b"")
        for body in (b"{}", b"[1]", b'"alerts"'):
            answer = await post(bridge, "/api/v2/alerts", Sent(body))
            assert (answer.status_code, "list of alerts" in answer.json()["detail"]) == (400, True)


async def test_clients_of_pagerduty_are_answered_with_their_key_or_one_that_is_made(store: DocumentStore) -> None:
    event = json.loads(SENDERS["pagerduty-events"].firing.body)
    without = {name: value for name, value in event.items() if name != "dedup_key"}
    await save_secret(store, "own")
    definition = {"name": "pager", "source": "pagerduty-events", "verify": {"token": {"secrets": ["own"]}}}
    await save(store, IntegrationDefinition.model_validate(definition))
    async with bridge_at(store, SENDERS["pagerduty-events"].at) as (bridge, _clock):

        async def enqueue(path: str = "/v2/enqueue", **fields: object) -> httpx.Response:
            return await post(bridge, path, Sent(json.dumps({**without, **fields}).encode()), {})

        answer = await enqueue(routing_key=TOKEN, dedup_key="k1")
        assert answer.status_code == 202
        assert answer.json() == {"status": "success", "message": "Event processed", "dedup_key": "k1"}
        made = (await enqueue(routing_key=TOKEN)).json()["dedup_key"]
        assert (await enqueue(routing_key=TOKEN)).json()["dedup_key"] == made
        resolve = {"event_action": "resolve", "dedup_key": made, "routing_key": TOKEN}
        assert (await post(bridge, "/v2/enqueue/", Sent(json.dumps(resolve).encode()), {})).status_code == 202
        by_integration = await enqueue("/webhooks/pagerduty-events/pager/v2/enqueue", routing_key="value of own")
        assert by_integration.status_code == 202
        assert [(one.alert.integration, one.alert.status) for one in await all_alerts(store)] == [
            ("", "firing"),
            ("", "resolved"),
            ("pager", "firing"),
        ]
        by_header = {"token": {"secrets": ["own"], "header": "X-Token"}}
        definition = {"name": "proxied", "source": "pagerduty-events", "verify": by_header}
        await save(store, IntegrationDefinition.model_validate(definition))
        bridge.app.state.alert_bridge = replace(bridge.app.state.alert_bridge, integrations=fresh(store))
        request = Sent(json.dumps(without | {"dedup_key": "k9"}).encode())
        proxied = await post(bridge, "/webhooks/pagerduty-events/proxied", request, {"x-token": "value of own"})
        assert proxied.status_code == 202
        for key in ("R0UTINGKEY", "", 1, None):
            assert (await enqueue(routing_key=key)).status_code == 401
        assert (await post(bridge, "/v2/enqueue", Sent(b"no json"), {})).status_code == 401
        large = await enqueue(routing_key=TOKEN, padding="x" * 1024 * 1024)
        assert large.status_code == 413


async def test_senders_of_cloudevents_are_told_that_they_may_post_if_they_may(store: DocumentStore) -> None:
    await save_secret(store, "own")
    verify = {"token": {"secrets": ["own"], "query": "access_token"}}
    await save(store, IntegrationDefinition.model_validate({"name": "ce", "source": "cloudevents", "verify": verify}))
    asked = {"webhook-request-origin": "eventgrid.example.org", "webhook-request-rate": "120"}
    async with bridge_at(store, SENDERS["cloudevents"].at) as (bridge, _clock):

        async def ask(token: str, headers: Mapping[str, str]) -> httpx.Response:
            request = Sent(b"", headers, "OPTIONS", f"access_token={token}")
            return await post(bridge, "/webhooks/cloudevents/ce", request, {})

        answer = await ask("value+of+own", asked)
        assert (answer.status_code, answer.headers["allow"]) == (200, "POST")
        assert answer.headers["webhook-allowed-origin"] == "eventgrid.example.org"
        assert answer.headers["webhook-allowed-rate"] == "*"
        assert "webhook-allowed-origin" not in (await ask("value+of+own", {})).headers
        assert (await ask("another", asked)).status_code == 401
        assert (await bridge.client.options("/webhooks/generic", headers=asked)).status_code == 405
