"""What a report means for the newest episode of its fingerprint. Pure.

An episode is a fingerprint from its first report until it is resolved. The start that a report names does not name
the episode: it moves while an alert fires, differs between two Alertmanagers, and is new after a restart.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from alert_bridge.domain.source import Report
from shared.contracts.alert import StoredAlert
from shared.contracts.values import instant_text

SILENCE_ENDS_AFTER = timedelta(minutes=30)
"""An alert whose sender gives no starts is over when nothing was heard of it for so long."""
MOST_STARTS = 20
"""That are noted of one episode: the first one and the newest."""
LATE_WITHIN = timedelta(minutes=5)
"""A firing report that comes late once more, longer after the first such, is late no more: its sender sees it fire."""
MOST_REFIRES = 100
"""Later starts of one episode that rules are asked for; after them a start is only noted."""

Meaning = Literal["begins", "joins", "late"]


def meaning_of(report: Report, known: StoredAlert, now: datetime) -> Meaning:
    """Whether the report begins a new episode, belongs to this one, or comes late: it tells of what is over."""
    ended = known.alert.status == "resolved"
    if report.alert.status == "resolved":
        return "late" if not ended and _ended_before(report, known) else "joins"
    if report.alert.status != "firing":
        return "joins"
    is_same_event = report.event_known and report.alert.event_id == known.alert.event_id
    if ended:
        is_late = is_same_event or _began_before_the_end(report, known)
        return "late" if is_late and not _insists(known, now) else "begins"
    silent = report.silence_ends and known.last_received_at < now - SILENCE_ENDS_AFTER
    return "begins" if silent and not is_same_event else "joins"


def _ended_before(report: Report, known: StoredAlert) -> bool:
    """Whether the end that is reported is an earlier episode's: both its start and its end lie before the latest."""
    latest, alert = known.latest_start, report.alert
    if latest is None or not report.start_known or not report.end_known or alert.ends_at is None:
        return False
    return alert.starts_at < latest and alert.ends_at < latest


def _began_before_the_end(report: Report, known: StoredAlert) -> bool:
    """Whether a firing report after the end is of a start that the end covers.

    Where the sender did not say when it ended, only its starts can be compared with each other: our clock says
    nothing of its.
    """
    if not report.start_known:
        return False
    starts_at, latest, ended_at = report.alert.starts_at, known.latest_start, known.alert.ends_at
    if latest is not None and starts_at <= latest:
        return True
    return known.end_told and ended_at is not None and starts_at < ended_at


def _insists(known: StoredAlert, now: datetime) -> bool:
    """Whether a firing report came late before, and so long ago that this one cannot be another straggler."""
    return known.late_firing_since is not None and now > known.late_firing_since + LATE_WITHIN


def is_first_to_fire(report: Report, known: StoredAlert) -> bool:
    """Whether this is the first report that says firing, of an episode that has not ended."""
    return report.alert.status == "firing" and times_asked(known) == 0 and known.alert.status != "resolved"


def is_refire(report: Report, known: StoredAlert) -> bool:
    """Whether this is a start later than all before, of an alert that fired and was not resolved since."""
    return (
        report.alert.status == "firing"
        and known.alert.status != "resolved"
        and 0 < times_asked(known) <= MOST_REFIRES
        and report.start_known
        and known.latest_start is not None
        and report.alert.starts_at > known.latest_start
    )


def times_asked(known: StoredAlert) -> int:
    """How often the rules were asked, also of an alert that an earlier release stored."""
    if known.asked is not None:
        return known.asked
    return 0 if all(decision.decision == "not_firing" for decision in known.decisions) else 1


def changes_by(report: Report, known: StoredAlert, now: datetime) -> dict[str, Any]:
    """The fields of an episode that a report of it changes; without what it means for the rules."""
    changes: dict[str, Any] = {"last_received_at": instant_text(now)}
    status = report.alert.status
    if status == "resolved":
        changes |= _end_changes(report, known)
    elif known.alert.status == "resolved":
        return changes  # what is said of an alert that is over, such as that somebody has seen it, means nothing
    elif status in ("firing", "acknowledged") and status != known.alert.status:
        changes["alert.status"] = status
    return changes | _start_changes(report, known)


def changes_by_late(report: Report, known: StoredAlert, now: datetime) -> dict[str, Any]:
    """The fields of an episode that a late report changes, beside its count."""
    changes = {"last_received_at": instant_text(now), "late_report_at": instant_text(now)}
    if report.alert.status == "firing" and known.late_firing_since is None:
        changes["late_firing_since"] = instant_text(now)
    return changes


def _end_changes(report: Report, known: StoredAlert) -> dict[str, Any]:
    ends_at = report.alert.ends_at
    if ends_at is None:
        return {}
    if known.alert.status != "resolved":
        ended = {"alert.status": "resolved", "alert.ends_at": instant_text(ends_at), "end_told": report.end_known}
        return {**ended, "ended_by": "report"}
    changes: dict[str, Any] = {} if known.late_firing_since is None else {"late_firing_since": None}
    if report.end_known and (not known.end_told or known.alert.ends_at is None or known.alert.ends_at < ends_at):
        return {**changes, "alert.ends_at": instant_text(ends_at), "end_told": True}
    return changes


def _start_changes(report: Report, known: StoredAlert) -> dict[str, Any]:
    start = report.alert.starts_at
    if not report.start_known or start in known.starts:
        return {}
    if len(known.starts) >= MOST_STARTS and known.latest_start is not None and start <= known.latest_start:
        return {}
    changes: dict[str, Any] = {"starts": _as_stored([*known.starts, start])}
    if known.latest_start is None or start > known.latest_start:
        changes["latest_start"] = instant_text(start)
    if start < known.alert.starts_at:
        changes["alert.starts_at"] = instant_text(start)
    return changes


def _as_stored(starts: Sequence[datetime]) -> list[str]:
    kept = starts if len(starts) <= MOST_STARTS else [starts[0], *starts[-(MOST_STARTS - 1) :]]
    return [instant_text(start) for start in kept]
