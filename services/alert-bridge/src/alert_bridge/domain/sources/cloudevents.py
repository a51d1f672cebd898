"""CloudEvents 1.0: one in the body (structured), one in the headers (binary), or a batch."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from alert_bridge.domain.fields import SHOWN, Fields, text_of
from alert_bridge.domain.form import Form, first, texts_of, value_at
from alert_bridge.domain.source import Batch, NotJsonError, ReceivedDelivery, Source, digest, json_of
from alert_bridge.domain.status import status_of
from shared.contracts.alert import AlertStatus
from shared.redaction import quoted

NAME = "cloudevents"
_HEADER = "ce-"


def _status(fields: Fields) -> AlertStatus | None:
    """The status in the data; where there is none, the last word of the type."""
    data, last = value_at(fields, "data"), first(fields, ("type",)).rpartition(".")[2]
    said = data.get("status") if isinstance(data, dict) else None
    where, word = ("type", last) if said is None else ("data.status", text_of(said))
    status = status_of(word)
    if status is None:
        sentence = (
            f"'{quoted(word, SHOWN)}' is not known as a status, so this was taken as 'updated' and starts nothing"
        )
        fields.warn(where, f"{sentence}; end the type with firing or resolved, or send a status", not_understood=True)
    return status


def _fingerprint(fields: Fields) -> str:
    """Its own fingerprint, or its subject within its source; else its source, with the type but for its last word."""
    if own := first(fields, ("data.fingerprint",)):
        return own
    source, subject = first(fields, ("source",)), first(fields, ("subject",))
    kind = first(fields, ("type",)).rpartition(".")
    return digest(source, subject) if subject else digest(source, kind[0] if status_of(kind[2]) else ".".join(kind))


def _event_id(fields: Fields) -> str:
    source, event = first(fields, ("source",)), first(fields, ("id",))
    return digest(source, event) if source and event else ""


def _labels(fields: Fields) -> dict[str, str]:
    labels = texts_of("data.labels")(fields)
    return {**labels, "type": first(fields, ("type",)), "source": first(fields, ("source",))}


FORM = Form(
    source=NAME,
    known=("specversion",),
    status=_status,
    fingerprint=_fingerprint,
    event_id=_event_id,
    title=("data.title", "subject", "type"),
    severity=("data.severity", "data.labels.severity"),
    description=("data.description", "data.message"),
    labels={"subject": ("subject",)},
    further_labels=_labels,
    changed_at=("data.starts_at", "time"),
    url=("data.url",),
    source_instance=("source",),
)


def read(delivery: ReceivedDelivery) -> Batch:
    """One event, or a batch of them."""
    binary = {
        name[len(_HEADER) :]: _decoded(value) for name, value in delivery.headers.items() if name.startswith(_HEADER)
    }
    if "specversion" not in binary or "id" not in binary:
        return FORM.read(_with_data(delivery))
    event = {**binary, "data": _data_of(delivery)}
    return FORM.read(_as_body(delivery, event))


def _decoded(header: str) -> str:
    """A value of a header: some senders write UTF-8 as it is, and others percent-encode it."""
    raw = header.encode("latin-1", errors="replace").decode(errors="replace")
    return unquote(raw)


def _data_of(delivery: ReceivedDelivery) -> Any:
    """The data, as JSON where it is; what is none is as if it were not there."""
    try:
        return json_of(delivery) if delivery.body.strip() else None
    except NotJsonError:
        return None


def _with_data(delivery: ReceivedDelivery) -> ReceivedDelivery:
    """Data that came as base64 is JSON, where it can be."""
    body = json_of(delivery)
    events = body if isinstance(body, list) else [body]
    if not any(isinstance(event, dict) and "data_base64" in event for event in events):
        return delivery
    opened = [_opened(event) for event in events]
    return _as_body(delivery, opened if isinstance(body, list) else opened[0])


def _opened(event: Any) -> Any:
    if not isinstance(event, dict) or "data_base64" not in event:
        return event
    try:
        data = json.loads(base64.b64decode(str(event["data_base64"]), validate=True))
    except (ValueError, binascii.Error, RecursionError):
        data = None
    return {**event, "data": data}


def _as_body(delivery: ReceivedDelivery, value: Any) -> ReceivedDelivery:
    body = json.dumps(value).encode()
    return ReceivedDelivery(body, delivery.headers, delivery.received_at, delivery.query, delivery.method)


def _consent(headers: Mapping[str, str]) -> Mapping[str, str]:
    """What the webhooks of CloudEvents ask before the first event: who may post, and how many in a minute."""
    origin = headers.get("webhook-request-origin", "")
    allowed = {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"} if origin else {}
    return {"Allow": "POST", **allowed}


EXAMPLE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "0b9c4fd1-ea48-47f1-8674-ae2b1ecd7b48",
    "source": "https://monitoring.example.org/checks/17",
    "type": "org.example.alert.firing",
    "subject": "nginx/web-1",
    "time": "2026-01-31T12:00:00Z",
    "data": {"title": "nginx is down on web-1", "severity": "critical", "labels": {"instance": "web-1"}},
}

SOURCE = Source(
    NAME,
    "CloudEvents",
    "Takes events of CloudEvents 1.0, in structured and binary mode and in batches. The `status` in an event's data "
    "says whether it fires, or else the last word of its type, such as `firing` or `resolved`.",
    EXAMPLE,
    read,
    consent=_consent,
)
