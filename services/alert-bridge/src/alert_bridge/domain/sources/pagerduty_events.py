"""PagerDuty's Events API v2, as clients that page somebody speak it: ``POST /v2/enqueue``."""

import json
from typing import Any

from alert_bridge.domain.fields import Fields, kept
from alert_bridge.domain.form import Form, Words, texts_of, value_at
from alert_bridge.domain.source import (
    Accepted,
    Answer,
    NotTakenError,
    ReceivedDelivery,
    Source,
    SourceRoute,
    digest,
    json_of,
)

NAME = "pagerduty-events"


def _dedup_key(event: Any) -> str:
    """The sender's own key, or one that is made of what it tells, so that sending it again opens nothing anew."""
    told = event if isinstance(event, dict) else {}
    given, payload = told.get("dedup_key"), told.get("payload")
    if isinstance(given, str) and given.strip():
        return given
    if isinstance(payload, dict):
        return digest({name: value for name, value in payload.items() if name != "timestamp"})
    return digest({name: value for name, value in told.items() if name != "routing_key"})


def _labels(fields: Fields) -> dict[str, str]:
    is_object = isinstance(value_at(fields, "payload.custom_details"), dict)
    return texts_of("payload.custom_details")(fields) if is_object else {}


FORM = Form(
    source=NAME,
    known=("event_action",),
    status=Words("event_action", {"trigger": "firing", "acknowledge": "acknowledged", "resolve": "resolved"}),
    fingerprint=lambda fields: kept(_dedup_key(fields.values)),
    title=("payload.summary",),
    severity=("payload.severity",),
    severities={"error": "high"},
    labels={
        "alertname": ("payload.class", "payload.summary"),
        "instance": ("payload.source",),
        "component": ("payload.component",),
        "group": ("payload.group",),
        "class": ("payload.class",),
    },
    further_labels=_labels,
    changed_at=("payload.timestamp",),
    url=("client_url",),
    source_instance=("client",),
)


def key_of(delivery: ReceivedDelivery) -> str | None:
    """The routing key of an event, by which its sender is known."""
    try:
        event = json_of(delivery)
    except NotTakenError:
        return None
    key = event.get("routing_key") if isinstance(event, dict) else None
    return key if isinstance(key, str) and key else None


def _answer(delivery: ReceivedDelivery, _accepted: Accepted) -> Answer:
    """Clients take an answer without their key for a failure."""
    said = {"status": "success", "message": "Event processed", "dedup_key": _dedup_key(json_of(delivery))}
    return Answer(json.dumps(said).encode())


EXAMPLE: dict[str, Any] = {
    "routing_key": "opsimate_…",
    "event_action": "trigger",
    "dedup_key": "nginx-down/web-1",
    "payload": {"summary": "nginx is down on web-1", "source": "web-1", "severity": "critical"},
}

SOURCE = Source(
    NAME,
    "PagerDuty Events API v2",
    "Takes what is made for PagerDuty's Events API v2. The `routing_key` is a token of ours that may post alerts, or a "
    "secret of an integration that is verified by a token. `trigger` fires, `resolve` is resolved, `acknowledge` is "
    "noted. The answer holds the `dedup_key`, which clients insist on.",
    EXAMPLE,
    FORM.read,
    routes=(
        SourceRoute("/v2/enqueue"),
        SourceRoute(f"/webhooks/{NAME}"),
        SourceRoute(f"/webhooks/{NAME}/{{integration}}"),
        SourceRoute(f"/webhooks/{NAME}/{{integration}}/v2/enqueue", documented=False),
    ),
    key_in_body=key_of,
    answer=_answer,
)
