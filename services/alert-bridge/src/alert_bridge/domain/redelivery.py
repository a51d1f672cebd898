"""What a report means for an alert that is stored already. Pure."""

from datetime import datetime, timedelta
from typing import Any

from alert_bridge.domain.source import Report
from shared.contracts.alert import StoredAlert
from shared.contracts.values import instant_text

SILENCE_ENDS_AFTER = timedelta(minutes=30)
"""An alert whose sender gives no start is over when nothing was heard of it for so long."""


def begins_anew(report: Report, known: StoredAlert, now: datetime) -> bool:
    """Whether a report without a start is of a new alert, and not of the newest one of its fingerprint."""
    if report.start_known or report.alert.status != "firing":
        return False
    if report.event_known and report.alert.event_id == known.alert.event_id:
        return False
    return known.alert.status == "resolved" or known.last_received_at < now - SILENCE_ENDS_AFTER


def is_first_to_fire(report: Report, known: StoredAlert) -> bool:
    """Whether this is the first report that says firing, of an alert that has not ended: rules are asked once."""
    only_heard_of = all(decision.decision == "not_firing" for decision in known.decisions)
    return report.alert.status == "firing" and only_heard_of and known.alert.status != "resolved"


def told_by(report: Report, now: datetime) -> dict[str, Any]:
    """The fields of a stored alert that a further report changes: the latest report is believed."""
    told: dict[str, Any] = {"last_received_at": instant_text(now)}
    if report.alert.status != "updated":
        ends_at = report.alert.ends_at
        told["alert.status"] = report.alert.status
        told["alert.ends_at"] = instant_text(ends_at) if ends_at else None
    return told
