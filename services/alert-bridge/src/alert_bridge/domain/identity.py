"""What makes two reports the same: digests of what their sender said."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from alert_bridge.domain.source import Report
from shared.contracts.alert import Alert
from shared.contracts.values import instant_text

LONGEST_KEY = 200
"""In characters; a longer fingerprint or event id is kept as its digest."""


def digest(*parts: object) -> str:
    """SHA-256 in hex of these parts; no other parts have the same, however they are cut."""
    return hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest()


def short_key(key: str) -> str:
    """The key itself, or its digest where it is long."""
    return key if len(key) <= LONGEST_KEY else digest(key)


def fingerprint_of(labels: Mapping[str, str], title: str = "") -> str:
    """What fires, where the sender has no fingerprint for it: the digest of its labels and title."""
    return digest(title, sorted(labels.items()))


def event_id_of(source: str, fingerprint: str, status: str, starts_at: datetime | None) -> str:
    """This very report, where the sender has no id for it."""
    return digest(source, fingerprint, status, instant_text(starts_at) if starts_at else "")


def identity_of(report: Report) -> str:
    """The key under which the alert of this report is stored.

    Without a start from its sender, an alert is known as the newest of its fingerprint; see ``identity_when_over``.
    """
    alert = report.alert
    return digest(alert.source, alert.fingerprint, instant_text(alert.starts_at) if report.start_known else "")


def identity_when_over(alert: Alert, alert_id: str) -> str:
    """The key of an alert without a start from its sender, once another one of its fingerprint follows it."""
    return digest(alert.source, alert.fingerprint, instant_text(alert.starts_at), alert_id)


def run_request_id(alert: Alert, rule: str, response: int) -> str:
    """Names the run that a rule's response asks for, so that however often it is asked for, it is one."""
    started = instant_text(alert.starts_at)
    return f"alert:{digest(alert.source, alert.fingerprint, started, rule, response)}"
