"""Amazon SNS, and the alarms of CloudWatch that it carries.

What is posted is signed with a key whose certificate Amazon publishes. Both it and the address at which a subscription
is confirmed are fetched, so that what of a stranger's body becomes an address is fixed here: a host of SNS in the
region of a topic that is allowed, and nothing else.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from alert_bridge.domain.fields import Fields, text_of
from alert_bridge.domain.form import Form, Words, first, joined, keys, tags_of
from alert_bridge.domain.source import (
    Batch,
    ByCertificate,
    Integration,
    NotJsonError,
    NotVerifiedError,
    ReceivedDelivery,
    Source,
    json_of,
)

NAME = "sns"
_CERTIFICATE = re.compile(
    r"https://sns\.(?P<region>[a-z0-9-]{3,30})\.amazonaws\.com(?:\.cn)?/SimpleNotificationService-[A-Za-z0-9]{8,64}\.pem"
)
_SIGNED: Mapping[str, tuple[str, ...]] = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
"""The fields that are signed, by the type of a message, in their order."""
_ALGORITHMS: Mapping[str, type[hashes.HashAlgorithm]] = {"1": hashes.SHA1, "2": hashes.SHA256}
"""By the version of a signature."""


def _type_of(body: Any) -> str | None:
    """The type of a message of SNS; none where the body is no such message."""
    kind = body.get("Type") if isinstance(body, dict) else None
    return kind if isinstance(kind, str) and kind in _SIGNED else None


# Who sends it


def _message(delivery: ReceivedDelivery) -> Mapping[str, str]:
    """The texts of a message of SNS; ``NotVerifiedError`` where it is none."""
    try:
        body = json_of(delivery)
    except NotJsonError as error:
        message = f"the body is no message of SNS: {error}"
        raise NotVerifiedError(message) from error
    if _type_of(body) is None:
        message = "the body is no message of SNS: its Type is none of SNS's; switch raw message delivery off"
        raise NotVerifiedError(message)
    return {name: value for name, value in body.items() if isinstance(value, str)}


def _certificate_at(delivery: ReceivedDelivery, integration: Integration) -> str:
    """Where the certificate is, for a message of a topic that is allowed."""
    message, allowed = _message(delivery), integration.verify.sns
    topic = message.get("TopicArn", "")
    if allowed is None or topic not in allowed.topics:
        told = f"the topic of this message is none of those that the integration '{integration.name}' allows"
        raise NotVerifiedError(told)
    found = _CERTIFICATE.fullmatch(message.get("SigningCertURL", ""))
    if found is None or found["region"] != _region(topic):
        told = "the SigningCertURL is no address of a certificate of SNS in the region of the topic"
        raise NotVerifiedError(told)
    return found[0]


def _region(topic: str) -> str:
    return topic.split(":")[3]


def _verify(delivery: ReceivedDelivery, certificate: bytes) -> None:
    message = _message(delivery)
    names = [name for name in _SIGNED[message["Type"]] if name in message]
    signed = "".join(f"{name}\n{message[name]}\n" for name in names).encode(errors="surrogatepass")
    algorithm = _ALGORITHMS.get(message.get("SignatureVersion", ""))
    if algorithm is None:
        why = f"the SignatureVersion is none of {' and '.join(_ALGORITHMS)}"
        raise NotVerifiedError(why)
    key = _key_of(certificate, delivery.received_at)
    try:
        key.verify(base64.b64decode(message.get("Signature", ""), validate=True), signed, PKCS1v15(), algorithm())
    except (InvalidSignature, ValueError) as error:
        why = "the signature does not fit the message: it is not from SNS, or something on the way changed it"
        raise NotVerifiedError(why) from error


def _key_of(certificate: bytes, at: datetime) -> RSAPublicKey:
    """The key of a certificate that holds at this time."""
    from cryptography.x509 import load_pem_x509_certificate  # large, and most products have no such sender

    try:
        published = load_pem_x509_certificate(certificate)
        key = published.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        why = "what is published as the certificate is none"
        raise NotVerifiedError(why) from error
    if not isinstance(key, RSAPublicKey) or not published.not_valid_before_utc <= at < published.not_valid_after_utc:
        why = "the certificate that signed the message does not hold now"
        raise NotVerifiedError(why)
    return key


def _confirmed_at(delivery: ReceivedDelivery) -> str | None:
    """Where a subscription is confirmed that a verified message asks to confirm; none for every other message.

    It is made of what was signed and is known, and not taken from the message.
    """
    message = _message(delivery)
    found = _CERTIFICATE.fullmatch(message.get("SigningCertURL", ""))
    if message["Type"] != "SubscriptionConfirmation" or found is None:
        return None
    host = found[0].partition("/SimpleNotificationService")[0]
    asked = {"Action": "ConfirmSubscription", "TopicArn": message["TopicArn"], "Token": message.get("Token", "")}
    return f"{host}/?{urlencode(asked)}"


# What it says


def _labels(fields: Fields) -> dict[str, str]:
    """The dimensions of its metric."""
    dimensions = tags_of("Trigger.Dimensions")(fields)
    machine = dimensions.get("InstanceId", "")
    return {**dimensions, "instance": machine, "region": (first(fields, ("AlarmArn",)).split(":") + [""] * 4)[3]}


ALARM = Form(
    source=NAME,
    known=("NewStateValue", "AlarmName"),
    status=Words("NewStateValue", {"alarm": "firing", "ok": "resolved", "insufficient_data": "updated"}),
    fingerprint=lambda fields: keys("AlarmArn")(fields) or joined("AlarmName", "AWSAccountId", "Region")(fields),
    event_id=keys("MessageId"),
    title=("AlarmName",),
    description=("AlarmDescription", "NewStateReason"),
    labels={
        "alertname": ("AlarmName",),
        "account": ("AWSAccountId",),
        "metric": ("Trigger.MetricName",),
        "namespace": ("Trigger.Namespace",),
    },
    further_labels=_labels,
    annotations={"reason": ("NewStateReason",)},
    changed_at=("StateChangeTime",),
    source_instance=("TopicArn",),
)


_ABOUT_SUBSCRIPTIONS = {
    "SubscriptionConfirmation": "SNS asks with this to confirm a subscription",
    "UnsubscribeConfirmation": "SNS tells with this that a subscription has ended",
}


def read(delivery: ReceivedDelivery) -> Batch:
    """The alarm in a notification; one that came raw is the body itself."""
    body = json_of(delivery)
    kind = _type_of(body)
    if kind is None:
        return ALARM.read(delivery)
    if kind != "Notification":
        batch = Batch()
        batch.warnings.add_recorded(_ABOUT_SUBSCRIPTIONS[kind])
        return batch
    alarm = {**_alarm_in(body.get("Message")), "MessageId": body.get("MessageId"), "TopicArn": body.get("TopicArn")}
    return ALARM.read(replace(delivery, body=json.dumps(alarm).encode()))


def _alarm_in(message: Any) -> dict[str, Any]:
    """The object that a message is as JSON; another message by itself, which says nothing of an alarm."""
    try:
        alarm = json.loads(text_of(message))
    except (ValueError, RecursionError):
        alarm = None
    return alarm if isinstance(alarm, dict) else {"Message": message}


_EXAMPLE_OF_AN_ALARM = {
    "AlarmName": "NginxDown",
    "AlarmDescription": "nginx is down on web-1",
    "AWSAccountId": "123456789012",
    "NewStateValue": "ALARM",
    "NewStateReason": "Threshold Crossed",
    "StateChangeTime": "2026-01-31T12:00:00.000+0000",
    "Region": "EU (Frankfurt)",
    "AlarmArn": "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:NginxDown",
    "Trigger": {
        "MetricName": "StatusCheckFailed",
        "Namespace": "AWS/EC2",
        "Dimensions": [{"name": "InstanceId", "value": "i-0abc"}],
    },
}
EXAMPLE: dict[str, Any] = {
    "Type": "Notification",
    "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    "TopicArn": "arn:aws:sns:eu-central-1:123456789012:alarms",
    "Subject": "ALARM: NginxDown",
    "Message": json.dumps(_EXAMPLE_OF_AN_ALARM),
    "Timestamp": "2026-01-31T12:00:00.000Z",
    "SignatureVersion": "2",
    "Signature": "…",
    "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem",
}

SOURCE = Source(
    NAME,
    "Amazon SNS and CloudWatch",
    "Takes notifications of Amazon SNS with alarms of CloudWatch. An integration that is verified by `sns` lets in "
    "what is signed by SNS for a topic that it allows, and confirms the subscription. ALARM fires, OK is resolved, "
    "INSUFFICIENT_DATA is noted.",
    EXAMPLE,
    read,
    certificate=ByCertificate(_certificate_at, _verify, _confirmed_at),
)
