"""Prometheus and vmalert, which post to this as to an Alertmanager: ``POST /api/v2/alerts``."""

from typing import Any

from alert_bridge.domain import alertmanager
from alert_bridge.domain.fields import Fields
from alert_bridge.domain.source import (
    Accepted,
    Answer,
    Batch,
    NotTakenError,
    ReceivedDelivery,
    Source,
    SourceRoute,
    json_of,
)
from alert_bridge.domain.status import Reader, state_beside_the_body, with_paths

NAME = "prometheus"
_FIELDS = ("labels", "annotations", "startsAt", "endsAt", "generatorURL")
PROMETHEUS = alertmanager.Neighbour(NAME, (*_FIELDS, "fingerprint"), ())


def read(delivery: ReceivedDelivery) -> Batch:
    """A list of alerts without a status: each fires until its end."""
    batch, body = Batch(), json_of(delivery)
    if not isinstance(body, list) or not all(isinstance(one, dict) for one in body):
        message = "the body has to be a list of alerts, each with labels, startsAt and endsAt"
        raise NotTakenError(message)
    reader = Reader(NAME, _FIELDS, delivery.received_at, batch.warnings)
    outer = Fields({}, "", batch.warnings)
    group = alertmanager.group_of(outer, PROMETHEUS, delivery.received_at, state_beside_the_body(delivery))
    for path, value in with_paths(body, "", batch.warnings):
        fields = Fields(value, path, batch.warnings)
        batch.add(alertmanager.report_of(fields, group) if fields.has_any(_FIELDS) else reader.unreadable(fields))
    return batch


def _nothing(_delivery: ReceivedDelivery, _accepted: Accepted) -> Answer:
    return Answer(b"", 200)


EXAMPLE: list[dict[str, Any]] = [
    {
        "labels": {"alertname": "NginxDown", "severity": "critical", "instance": "web-1:9100"},
        "annotations": {"summary": "nginx is down on web-1"},
        "startsAt": "2026-01-31T12:00:00Z",
        "endsAt": "2026-01-31T12:04:00Z",
        "generatorURL": "http://prometheus:9090/graph",
    }
]

SOURCE = Source(
    NAME,
    "Prometheus and vmalert",
    "Takes what Prometheus and vmalert post to an Alertmanager. An alert fires while its `endsAt` lies ahead. The "
    "answer is an empty 200, as they expect it; a body that is no list of alerts is 400.",
    EXAMPLE,
    read,
    routes=(
        SourceRoute("/api/v2/alerts"),
        SourceRoute(f"/webhooks/{NAME}/api/v2/alerts", documented=False),
        SourceRoute(f"/webhooks/{NAME}/{{integration}}/api/v2/alerts", documented=False),
        SourceRoute(f"/webhooks/{NAME}"),
        SourceRoute(f"/webhooks/{NAME}/{{integration}}"),
    ),
    answer=_nothing,
    answers_with=200,
)
