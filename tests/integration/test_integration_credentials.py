"""How an integration knows its sender: by a token or HTTP Basic of its own, or by a signature, with a time too."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from alert_bridge.handlers.deliveries import kept_delivery
from shared.alerts import delivery_of
from shared.collections import ALERT_DELIVERIES, ALL, SECRETS
from shared.contracts.integration import IntegrationDefinition
from shared.store import DocumentStore
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import NOON
from tests.builders_alerts import (
    SEALER,
    Hands,
    RunningBridge,
    a_bridge,
    a_generic_alert,
    all_alerts,
    save,
    save_secret,
    save_token,
    the_alert,
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[DocumentStore]:
    """Which store it is changes nothing of this."""
    opened = SqliteDocumentStore(tmp_path / "opsimate.db")
    await opened.open(ALL)
    await save_token(opened)
    yield opened
    await opened.close()


BODY = json.dumps(a_generic_alert()).encode()
SECRETS_OF_BOTH = ["old", "new"]


async def save_one(
    store: DocumentStore, verify: Mapping[str, Any], *, name: str = "own", source: str = "generic"
) -> None:
    """An integration with these credentials, and their secrets, each with ``value of NAME`` as its value."""
    for secret in SECRETS_OF_BOTH:
        await save_secret(store, secret)
    definition = {"name": name, "source": source, "verify": verify}
    await save(store, IntegrationDefinition.model_validate(definition))


async def post(
    bridge: RunningBridge, path: str, headers: Mapping[str, str], *, body: bytes | AsyncIterator[bytes] = BODY
) -> httpx.Response:
    """Post without a token of ours."""
    transport = httpx.ASGITransport(bridge.app)
    sent = {name.encode(): value.encode() for name, value in headers.items()}
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as client:
        return await client.post(f"/webhooks/{path}", content=body, headers=sent)


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


BY_BEARER = {"token": {"secrets": SECRETS_OF_BOTH}}
BY_HEADER = {"token": {"secrets": SECRETS_OF_BOTH, "header": "X-Token"}}
BY_QUERY = {"token": {"secrets": SECRETS_OF_BOTH, "query": "auth_token"}}
BY_BASIC = {"basic": {"user": "monitor", "secrets": SECRETS_OF_BOTH}}


@pytest.mark.parametrize(
    ("verify", "path", "headers"),
    [
        (BY_BEARER, "generic/own", bearer("value of new")),
        (BY_BEARER, "generic/own", bearer("value of old")),
        (BY_BEARER, "generic", bearer("value of new")),
        (BY_BEARER, "generic/own", basic("anybody", "value of new")),
        (BY_HEADER, "generic/own", {"x-token": "value of old"}),
        (BY_HEADER, "generic/own", {"X-Token": "value of new", "Authorization": "Bearer of-a-proxy"}),
        (BY_QUERY, "generic/own?auth_token=value%20of%20new", {}),
        (BY_QUERY, "generic?a=b&auth_token=value+of+old", {}),
        (BY_BASIC, "generic/own", basic("monitor", "value of new")),
        (BY_BASIC, "generic", basic("monitor", "value of old")),
    ],
)
async def test_who_shows_a_secret_of_the_integration_is_taken_as_it(
    store: DocumentStore, bridge: RunningBridge, verify: Mapping[str, Any], path: str, headers: Mapping[str, str]
) -> None:
    await save_one(store, verify)
    answer = await post(bridge, path, headers)
    assert answer.status_code == 202, answer.text
    assert (await the_alert(store)).alert.integration == "own"


@pytest.mark.parametrize(
    "case",
    [
        (BY_BEARER, "generic/own", {}, "knows its sender by 'Authorization: Bearer'"),
        (BY_BEARER, "generic/own", bearer("value of another"), "which this does not show"),
        (BY_BEARER, "generic/own", {"X-Token": "value of new"}, "'Authorization: Bearer'"),
        (BY_BEARER, "generic", bearer("value of another"), "this token is not known here"),
        (BY_BEARER, "generic/other", bearer("value of new"), "this token is not known here"),
        (BY_BEARER, "alertmanager", bearer("value of new"), "this token is not known here"),
        (BY_HEADER, "generic/own", bearer("value of new"), "the header X-Token"),
        (BY_HEADER, "generic/own", {"X-Token": ""}, "the header X-Token"),
        (BY_HEADER, "generic/own", {"X-Token": "valüe"}, "the header X-Token"),
        (BY_QUERY, "generic/own?auth_token=", {}, "the parameter 'auth_token' of the address"),
        (BY_QUERY, "generic/own?auth_token=value+of+new&auth_token=x", {}, "the parameter 'auth_token'"),
        (BY_BASIC, "generic/own", basic("somebody", "value of new"), "HTTP Basic with the user 'monitor'"),
        (BY_BASIC, "generic/own", basic("monitor", "value of"), "HTTP Basic with the user 'monitor'"),
    ],
)
async def test_who_shows_no_secret_of_it_is_refused_before_a_byte_of_the_body_is_read(
    store: DocumentStore, bridge: RunningBridge, case: tuple[Mapping[str, Any], str, Mapping[str, str], str]
) -> None:
    verify, path, headers, reason = case
    await save_one(store, verify)
    read: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(BODY)
        yield BODY

    answer = await post(bridge, path, headers, body=body())
    assert (answer.status_code, reason in answer.json()["detail"]) == (401, True), answer.text
    assert (read, await all_alerts(store)) == ([], [])


async def test_a_token_of_ours_is_taken_as_ever_and_a_known_sender_may_send_as_much(
    store: DocumentStore, bridge: RunningBridge
) -> None:
    await save_one(store, BY_HEADER)
    assert (await bridge.post(a_generic_alert(), "generic/own")).status_code == 202
    large = json.dumps([a_generic_alert(description="x" * 9_000)] * 900).encode()
    assert len(large) > 1024 * 1024
    assert (await post(bridge, "generic/own", {"X-Token": "value of new"}, body=large)).status_code == 202
    too_large = await post(bridge, "generic/own", {"X-Token": "value of new"}, body=b" " * (16 * 1024 * 1024 + 1))
    assert too_large.status_code == 413


@pytest.mark.parametrize(
    ("verify", "path", "headers"),
    [
        (BY_HEADER, "generic/own", {"X-Token": "value of new"}),
        (BY_QUERY, "generic/own?x=y&auth_token=value+of+new", {}),
        (BY_BASIC, "generic/own", basic("monitor", "value of new")),
    ],
)
async def test_what_let_the_sender_in_is_not_kept_with_the_delivery(
    store: DocumentStore, bridge: RunningBridge, verify: Mapping[str, Any], path: str, headers: Mapping[str, str]
) -> None:
    await save_one(store, verify)
    assert (await post(bridge, path, headers)).status_code == 202
    assert (await post(bridge, path, headers, body=b"")).status_code == 400
    refused, taken = await store.find(ALERT_DELIVERIES, {}, descending=True)
    kept = (await kept_delivery(bridge.app.state.alert_bridge, taken)).delivery
    assert "value" not in f"{dict(kept.headers)} {kept.query} {delivery_of(refused, SEALER).beginning}"
    assert dict(kept.headers)["host"] == "bridge"


async def test_a_secret_that_is_gone_is_a_reason_to_send_again(store: DocumentStore, bridge: RunningBridge) -> None:
    await save_one(store, BY_HEADER)
    for secret in SECRETS_OF_BOTH:
        await store.delete(SECRETS, {"id": secret})
    answer = await post(bridge, "generic/own", {"X-Token": ""})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def signed(body: bytes, at: str, by: str = "new") -> dict[str, str]:
    digest = hmac.new(f"value of {by}".encode(), f"{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Sig": digest, "X-Ts": at}


async def test_a_signature_with_its_time_is_verified_and_refused_when_it_is_old(store: DocumentStore) -> None:
    clock = Hands()
    await save_one(store, {"hmac": {"secrets": SECRETS_OF_BOTH, "header": "X-Sig", "timestamp_header": "X-Ts"}})
    now = int(NOON.timestamp())
    async with a_bridge(store, clock=clock) as bridge:
        for at, status in ((now, 202), (now - 300, 202), (now + 300, 202), (now - 301, 401), (now + 301, 401)):
            assert (await post(bridge, "generic/own", signed(BODY, str(at)))).status_code == status, at
        for headers in (
            {**signed(BODY, str(now)), "X-Ts": str(now - 1)},
            {**signed(BODY, str(now)), "X-Ts": "now"},
            {"X-Sig": signed(BODY, str(now))["X-Sig"]},
            signed(BODY, str(now), by="another"),
        ):
            assert (await post(bridge, "generic/own", headers)).status_code == 401


async def test_of_several_signatures_in_one_header_one_has_to_fit(store: DocumentStore, bridge: RunningBridge) -> None:
    await save_one(store, {"hmac": {"secrets": ["new"]}})
    right = hmac.new(b"value of new", BODY, hashlib.sha256).hexdigest()
    wrong = "0" * 64
    for header, status in (
        (f"sha256={wrong},sha256={right}", 202),
        (f"{right}, {wrong}", 202),
        (f"{wrong},{wrong}", 401),
        (",".join([wrong] * 100 + [right]), 401),
    ):
        assert (await post(bridge, "generic/own", {"X-Hub-Signature-256": header})).status_code == status
