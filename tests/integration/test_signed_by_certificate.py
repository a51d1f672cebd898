"""Messages of Amazon SNS: verified by a certificate that is fetched, of topics that are allowed, and confirmed once."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import NameOID
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from alert_bridge.adapters.published import LONGEST, MOST_NEW, Publications
from alert_bridge.main import SOURCES
from alert_bridge.ports import NotFetchedError
from shared.collections import ALL
from shared.contracts.integration import IntegrationDefinition
from shared.store import DocumentStore
from shared.store.sqlite import SqliteDocumentStore
from tests.builders import NOON
from tests.builders_alerts import Hands, RunningBridge, a_bridge, all_alerts, save, save_token
from tests.integration.test_alertmanager import served

TOPIC = "arn:aws:sns:eu-central-1:123456789012:alarms"
HOST = "https://sns.eu-central-1.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-0123456789abcdef.pem"
KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}


def certificate(*, begins: datetime = NOON - timedelta(days=1)) -> bytes:
    """A certificate of the key, which holds for ten days."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    built = x509.CertificateBuilder(name, name, KEY.public_key(), x509.random_serial_number())
    made = built.not_valid_before(begins).not_valid_after(begins + timedelta(days=10)).sign(KEY, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def message(*, version: str = "2", **fields: Any) -> bytes:
    """A message of SNS with these fields, signed by the key."""
    example = SOURCES["sns"].example
    assert isinstance(example, Mapping)
    told = {**example, "SigningCertURL": CERTIFICATE, "SignatureVersion": version, **fields}
    signed = "".join(f"{one}\n{told[one]}\n" for one in SIGNED.get(told["Type"], ()) if one in told)
    algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()  # noqa: S303 - as SNS does
    signature = KEY.sign(signed.encode(), PKCS1v15(), algorithm)
    return json.dumps({**told, "Signature": base64.b64encode(signature).decode()}).encode()


def confirmation(**fields: Any) -> bytes:
    asked = {"Type": "SubscriptionConfirmation", "Token": "a&b c", "Message": "You have chosen to subscribe"}
    return message(**{**asked, "SubscribeURL": "http://169.254.169.254/latest/meta-data", **fields})


class Amazon:
    """Publishes the certificate, and notes what is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.published = certificate()
        self.is_away = False

    async def certificate(self, address: str) -> bytes:
        return await self._get(address)

    async def confirm(self, address: str) -> None:
        await self._get(address)

    async def _get(self, address: str) -> bytes:
        self.asked.append(address)
        if self.is_away:
            message = "it is away"
            raise NotFetchedError(message)
        return self.published

    async def close(self) -> None:
        return


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[DocumentStore]:
    """A store with an integration that is verified by a certificate."""
    opened = SqliteDocumentStore(tmp_path / "opsimate.db")
    await opened.open(ALL)
    await save_token(opened)
    definition = {"name": "aws", "source": "sns", "verify": {"sns": {"topics": [TOPIC]}}}
    await save(opened, IntegrationDefinition.model_validate(definition))
    yield opened
    await opened.close()


@pytest.fixture
async def bridge(store: DocumentStore) -> AsyncIterator[RunningBridge]:
    """A bridge whose clock stands at noon."""
    async with a_bridge(store, clock=Hands()) as running:
        yield running


@pytest.fixture
def amazon(bridge: RunningBridge) -> Amazon:
    """What the bridge fetches from."""
    amazon = Amazon()
    bridge.app.state.alert_bridge = replace(bridge.app.state.alert_bridge, published=amazon)
    return amazon


async def post(bridge: RunningBridge, body: bytes) -> httpx.Response:
    """Post as SNS does: without any token, and as a text."""
    headers = {"Content-Type": "text/plain; charset=UTF-8"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bridge.app), base_url="http://bridge") as client:
        return await client.post("/webhooks/sns/aws", content=body, headers=headers)


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_message_that_sns_signed_is_taken_however_often_it_comes(
    store: DocumentStore, bridge: RunningBridge, amazon: Amazon, version: str
) -> None:
    for _ in range(2):
        assert (await post(bridge, message(version=version))).status_code == 202
    (alert,) = await all_alerts(store)
    assert (alert.alert.status, alert.alert.integration, alert.deliveries) == ("firing", "aws", 2)
    assert set(amazon.asked) == {CERTIFICATE}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (message().replace(b"NginxDown", b"NginxGone"), "does not fit the message"),
        (json.dumps({**json.loads(message()), "Signature": "eA=="}).encode(), "does not fit the message"),
        (json.dumps({**json.loads(message()), "Signature": "%"}).encode(), "does not fit the message"),
        (json.dumps({**json.loads(message()), "Message": {"a": 1}}).encode(), "does not fit the message"),
        (message(version="3"), "SignatureVersion"),
        (message(TopicArn="arn:aws:sns:eu-central-1:999999999999:alarms"), "none of those that the integration"),
        (message(Type="Other"), "is no message of SNS"),
        (json.dumps({"Type": ["Notification"]}).encode(), "is no message of SNS"),
        (b"[]", "is no message of SNS"),
        (b"no json", "is no message of SNS"),
        (confirmation(TopicArn="arn:aws:sns:us-east-1:123456789012:alarms"), "none of those that the integration"),
    ],
)
async def test_what_is_not_signed_so_or_of_another_topic_is_refused(
    store: DocumentStore, bridge: RunningBridge, amazon: Amazon, body: bytes, reason: str
) -> None:
    answer = await post(bridge, body)
    assert (answer.status_code, reason in answer.json()["detail"]) == (401, True), answer.text
    assert await all_alerts(store) == []
    assert set(amazon.asked) <= {CERTIFICATE}


@pytest.mark.parametrize(
    "address",
    [
        "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com.example.org/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com@example.org/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com/?x=/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com/../SimpleNotificationService-0123456789abcdef.pem",
        "https://bucket.s3.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem\n",
        "file:///etc/passwd",
        "",
    ],
)
async def test_a_certificate_is_fetched_from_the_host_of_sns_in_the_region_of_the_topic_and_from_nowhere_else(
    bridge: RunningBridge, amazon: Amazon, address: str
) -> None:
    answer = await post(bridge, message(SigningCertURL=address))
    assert (answer.status_code, "SigningCertURL" in answer.json()["detail"]) == (401, True)
    assert amazon.asked == []


@pytest.mark.parametrize(
    "published", [b"no certificate", *(certificate(begins=NOON + timedelta(days=days)) for days in (1, -99))]
)
async def test_a_certificate_that_does_not_hold_verifies_nothing(
    bridge: RunningBridge, amazon: Amazon, published: bytes
) -> None:
    amazon.published = published
    assert (await post(bridge, message())).status_code == 401


async def test_a_subscription_of_an_allowed_topic_is_confirmed_at_sns_whatever_its_message_names(
    store: DocumentStore, bridge: RunningBridge, amazon: Amazon
) -> None:
    answer = await post(bridge, confirmation())
    assert (answer.status_code, answer.json()["alerts"]) == (202, [])
    confirmed = amazon.asked[-1]
    assert confirmed.startswith(f"{HOST}/?Action=ConfirmSubscription&TopicArn=arn%3Aaws%3Asns%3Aeu-central-1")
    assert httpx.URL(confirmed).params["Token"] == "a&b c"
    assert await all_alerts(store) == []
    assert (await bridge.post(confirmation(), "sns/aws")).status_code == 202  # with a token of ours
    assert len(amazon.asked) == 2


async def test_where_nothing_can_be_fetched_sns_is_asked_to_send_again(bridge: RunningBridge, amazon: Amazon) -> None:
    amazon.is_away = True
    for body in (message(), confirmation()):
        answer = await post(bridge, body)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_what_is_too_long_to_be_a_message_of_sns_is_not_read(bridge: RunningBridge, amazon: Amazon) -> None:
    assert (await post(bridge, message(Message="x" * 1024 * 1024))).status_code == 413
    assert amazon.asked == []


# Fetching


async def test_a_certificate_is_fetched_once_and_of_addresses_that_nobody_knows_a_few() -> None:
    asked: list[str] = []

    async def answer(request: Request) -> Response:
        asked.append(request.url.path)
        match request.path_params["what"]:
            case "moved":
                return RedirectResponse("/other")
            case "gone":
                return PlainTextResponse("gone", 404)
            case "long":
                return PlainTextResponse("x" * (LONGEST + 1))
        return PlainTextResponse("a certificate")

    published = Publications()
    async with served(FastAPI(routes=[Route("/{what}", answer)])) as address:
        for _ in range(2):
            assert await published.certificate(f"{address}/one") == b"a certificate"
        assert asked == ["/one"]
        for what in ("moved", "gone", "long"):
            with pytest.raises(NotFetchedError):
                await published.certificate(f"{address}/{what}")
        assert asked == ["/one", "/moved", "/gone", "/long"]
        for number in range(MOST_NEW - 4):
            await published.certificate(f"{address}/new-{number}")
        with pytest.raises(NotFetchedError, match="too many"):
            await published.certificate(f"{address}/one-more")
        await published.confirm(f"{address}/confirmed")
        assert await published.certificate(f"{address}/one") == b"a certificate"
    with pytest.raises(NotFetchedError, match="cannot be reached"):
        await published.confirm(f"{address}/confirmed")
    await published.close()
