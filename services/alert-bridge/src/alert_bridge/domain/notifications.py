"""What is told of a run, to which channels, and in which words. Pure.

Nothing of it is a parameter or output: either may hold what only those should see who may see the run.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.contracts.channel import NotificationEvent, Notify
from shared.contracts.notification import TRIED_FOR, StoredNotification, notification_key
from shared.contracts.presentation import UNDECIDED, length_text
from shared.contracts.run import ENDED, Run
from shared.contracts.trigger import TriggerKind
from shared.contracts.values import instant_text

LONGEST_LINE = 500
"""Characters of what somebody wrote: the rest is on the run's page."""
MOST_NAMED = 5
"""Providers, or approvers."""
TEST_TITLE = "OpsiMate Actions: a test"

WORDS: Mapping[NotificationEvent, str] = {
    "succeeded": "succeeded",
    "failed": "failed",
    "unknown": "ended, and nobody knows how",
    "cancelled": "was cancelled",
    "rejected": "was rejected",
    "expired": "expired",
    "skipped": "was skipped",
    "awaiting_approval": "waits for approval",
}
_ASKED: Mapping[TriggerKind, str] = {
    "manual": "Asked for by {by}",
    "api": "Asked for by {by}, over the API",
    "schedule": "Asked for by the schedule {by}",
    "alert": "Asked for by the alert rule {by}",
}


def event_of(run: Run) -> tuple[NotificationEvent, str | None] | None:
    """What there is to tell of a run as it is now, and of which step of it; none where there is nothing."""
    if run.state in ENDED:
        return _ENDED_EVENTS[run.state], None
    return None if run.approval is None else ("awaiting_approval", run.approval.step)


_ENDED_EVENTS: Mapping[str, NotificationEvent] = {event: event for event in WORDS if event in ENDED}


def channels_told(event: NotificationEvent, notify: Sequence[Notify]) -> list[str]:
    """The channels that are told of it, each once."""
    return list(dict.fromkeys(one.channel for one in notify if event in one.on))


def notification_of(
    run: Run, channel: str, *, new_id: str, public_url: str | None, now: datetime
) -> StoredNotification | None:
    """What this channel is told of a run; none where there is nothing to tell."""
    found = event_of(run)
    if found is None:
        return None
    event, step = found
    link = None if public_url is None else f"{public_url}/runs/{run.id}"
    name = run.action.title or run.action.name
    of_step = f", step {step}," if step is not None else ""
    title = _line(f"{name}{of_step} {WORDS[event]}", 200)
    text = "\n".join(_lines(run, event, step, link))
    return StoredNotification(
        id=new_id,
        key=notification_key(run.id, event, step, channel),
        channel=channel,
        state="pending",
        event=event,
        run_id=run.id,
        action=run.action.name,
        step=step,
        title=title,
        text=text,
        link=link,
        created_at=now,
        next_attempt_at=now,
        give_up_at=now + TRIED_FOR,
        body=_body(run, event, {"title": title, "text": text, "link": link}, now),
    )


def a_test(by: str, channel: str, *, new_id: str, public_url: str | None, now: datetime) -> StoredNotification:
    """What a channel is told to try it; it is never stored."""
    text = f"{by} tries the channel {channel}. Nothing has happened, and nothing is to be done."
    return StoredNotification(
        id=new_id,
        key=new_id,
        channel=channel,
        state="pending",
        event="succeeded",
        run_id="",
        action="",
        title=TEST_TITLE,
        text=text,
        link=public_url,
        created_at=now,
        give_up_at=now,
        body={
            "type": "test",
            "timestamp": instant_text(now),
            "data": {"title": TEST_TITLE, "text": text, "link": public_url, "run": None, "approval": None},
        },
    )


def _lines(run: Run, event: NotificationEvent, step: str | None, link: str | None) -> list[str]:
    about = f"{run.action.name}, version {run.action.version}"
    after = "" if (took := _duration(run)) is None else f" after {length_text(took)}"
    lines = [f"Step {step} of {about} {WORDS[event]}." if step is not None else f"{about} {WORDS[event]}{after}."]
    if event != "awaiting_approval" and (why := _reason_text(run)):
        lines.append(_sentence(why))
    asked, note = _ASKED[run.trigger.kind].format(by=run.trigger.by), _line(run.trigger.note, LONGEST_LINE)
    lines.append(_sentence(f"{asked}: {note}" if note else asked))
    if run.providers:
        lines.append(f"On {_some(run.providers)}.")
    if event == "awaiting_approval" and run.approval is not None:
        approval = run.approval
        becomes = "it goes on without" if approval.on_expiry == "run" else "it expires"
        lines.append(
            f"It needs {approval.needed} of {_some(approval.approvers)} and has {len(approval.given)}; "
            f"at {instant_text(approval.expires_at)} {becomes}."
        )
    if link is not None:
        lines.append(f"{'Decide' if event == 'awaiting_approval' else 'See it'}: {link}")
    else:
        verb = "approve" if event == "awaiting_approval" else "show"
        lines.append(f"See it with: opsimate runs {verb} {run.id}")
    return lines


def _body(run: Run, event: NotificationEvent, words: Mapping[str, str | None], now: datetime) -> dict[str, Any]:
    """What a program is posted: the outer fields are those that Standard Webhooks advise."""
    trigger, approval = run.trigger, run.approval
    return {
        "type": f"run.{event}",
        "timestamp": instant_text(now),
        "data": {
            **words,
            "run": {
                "id": run.id,
                "action": {"name": run.action.name, "version": run.action.version, "title": run.action.title},
                "state": run.state,
                "reason": run.reason,
                "reason_text": _reason_text(run),
                "trigger": {"kind": trigger.kind, "by": trigger.by, "note": trigger.note, "alert_id": trigger.alert_id},
                "created_at": instant_text(run.created_at),
                "started_at": _instant(run.started_at),
                "ended_at": _instant(run.ended_at),
                "duration": _duration(run),
            },
            "approval": None
            if event != "awaiting_approval" or approval is None
            else {
                "step": approval.step,
                "approvers": approval.approvers,
                "needed": approval.needed,
                "given": [one.by for one in approval.given],
                "asked_at": instant_text(approval.asked_at),
                "expires_at": instant_text(approval.expires_at),
            },
        },
    }


def _reason_text(run: Run) -> str | None:
    """Why a run ended so, without the values that a condition met."""
    if run.reason_text is None:
        return None
    before, undecided, why = run.reason_text.partition(UNDECIDED)
    return f"{before}{undecided}; the run says why" if undecided and why else run.reason_text


def _duration(run: Run) -> float | None:
    if run.started_at is None or run.ended_at is None:
        return None
    return (run.ended_at - run.started_at).total_seconds()


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant_text(instant)


def _some(names: Sequence[str]) -> str:
    """The first of these names, and how many there are besides."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _sentence(text: str) -> str:
    line = _line(text, LONGEST_LINE)
    line = line[:1].upper() + line[1:]
    return line if line.endswith((".", "!", "?", "…")) else f"{line}."


def _line(text: str, longest: int) -> str:
    """A text on one line, without what no reader sees, and not too long."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
