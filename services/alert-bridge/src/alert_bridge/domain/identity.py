"""What makes two reports the same: digests of what their sender said."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.contracts.alert import Alert
from shared.contracts.values import instant_text

LONGEST_KEY = 200
"""In characters; a longer fingerprint or event id is kept as its digest."""


def digest(*parts: Any) -> str:
    """SHA-256 in hex of these parts of JSON; no other parts have the same, however they are cut."""
    return hashlib.sha256(json.dumps(parts, separators=(",", ":"), sort_keys=True).encode()).hexdigest()


def short_key(key: str) -> str:
    """The key itself, or its digest where it is long."""
    return key if len(key) <= LONGEST_KEY else digest(key)


def fingerprint_of(labels: Mapping[str, str], title: str = "") -> str:
    """What fires, where the sender has no fingerprint for it: the digest of its labels and title."""
    return digest(title, sorted(labels.items()))


def event_id_of(source: str, fingerprint: str, status: str, starts_at: datetime | None) -> str:
    """This very report, where the sender has no id for it."""
    return digest(source, fingerprint, status, instant_text(starts_at) if starts_at else "")


def identity_of(alert: Alert) -> str:
    """The key under which the newest episode of the alert's fingerprint is stored."""
    return digest(alert.source, alert.fingerprint, alert.integration)


def identity_when_over(alert: Alert, episode: str) -> str:
    """The key of an episode once another one of its fingerprint follows it."""
    return digest(alert.source, alert.fingerprint, instant_text(alert.starts_at), episode)


def identity_by_start(alert: Alert) -> str:
    """The key under which an earlier release stored an alert whose sender named its start."""
    return digest(alert.source, alert.fingerprint, instant_text(alert.starts_at))


def run_request_id(episode: str, rule: str, response: int, refire: int) -> str:
    """Names the run that a rule's response asks for, so that however often it is asked for, it is one."""
    return f"alert:{digest(episode, rule, response, refire)}"
