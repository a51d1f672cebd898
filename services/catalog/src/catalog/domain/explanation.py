"""A run in sentences: who or what asked for it, why it waited, why a step was not run, what it waits for now. Pure.

They are made of what the run keeps of itself, in the order in which it happened.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from pydantic import Field

from catalog.domain.views import View
from shared.contracts.presentation import length_text
from shared.contracts.run import ENDED, Run, TimelineEvent, WaitingFor
from shared.contracts.trigger import Trigger
from shared.contracts.values import instant_text
from shared.runs.repository import paused_by

MOST_NAMED = 5
"""Steps in one sentence, and providers on which a step failed, a sentence each."""


class ExplanationView(View):
    """Why a run went as it did, in sentences."""

    sentences: list[str] = Field(
        examples=[
            [
                "ann asked for it on 2026-01-31 at 12:00:00 UTC: after the upgrade.",
                "It was queued for 40s: waiting for run 01JX3Q7W8Z5V9K2M4N6P8R0S2T: 'deploy' has at most 1 under way.",
                "Step 'tell' was not run: its condition does not hold: params.env == 'prod'.",
            ]
        ]
    )
    """In the order in which it happened."""
    waiting_for: WaitingFor | None
    """What keeps it from going on now, where nothing of it is under way."""


class Failure(NamedTuple):
    """That a step failed on one of its providers, or ended there nobody knows how."""

    provider: str
    is_unknown: bool
    why: str


def explanation(run: Run, failures: Mapping[str, Sequence[Failure]]) -> ExplanationView:
    """All that can be said of a run now; ``failures`` are the first of each step on many providers, by its name."""
    said = [_trigger(run), *_joined(run.trigger), *_history(run, failures), *_now(run)]
    return ExplanationView(sentences=[_sentence(text) for text in said], waiting_for=run.waiting_for)


def _sentence(text: str) -> str:
    line = " ".join(text.split()).rstrip(".")
    return f"{line}."


def _trigger(run: Run) -> str:
    trigger = run.trigger
    who = {
        "manual": trigger.by,
        "api": f"The service '{trigger.by}'",
        "alert": f"The alert rule '{trigger.by}'",
        "schedule": f"The schedule '{trigger.by}'",
    }[trigger.kind]
    alert = f" for the alert {trigger.alert_id}" if trigger.alert_id else ""
    left = " on the providers that were left" if run.keeps_to_providers else ""
    again = f", to do run {run.rerun_of} again{left}" if run.rerun_of else ""
    note = f": {trigger.note}" if trigger.note else ""
    return f"{who} asked for it{alert} {_on(run.created_at)}{again}{_fire_time(trigger)}{note}"


def _fire_time(trigger: Trigger) -> str:
    if trigger.fire_time is None:
        return ""
    missed = f"; {trigger.missed} before it were missed, as no scheduler was there" if trigger.missed else ""
    return f", for its fire time {_on(trigger.fire_time)}{missed}"


def _joined(trigger: Trigger) -> Iterator[str]:
    """That it stands for others."""
    if trigger.joined and trigger.joined_at is not None:
        times = "once more" if trigger.joined == 1 else f"{trigger.joined} times more, the last time"
        held = "while a maintenance window held it, so this run stands for that, too"
        yield f"The same was asked for {times} {_on(trigger.joined_at)}, {held}"


def _on(instant: datetime) -> str:
    return f"on {_moment(instant)}"


def _moment(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d} at {instant:%H:%M:%S} UTC"


def _history(run: Run, failures: Mapping[str, Sequence[Failure]]) -> Iterator[str]:
    """What happened, entry by entry; steps that were passed over for the same reason share a sentence."""
    entries = run.timeline
    for (is_skipped, why), group in groupby(enumerate(entries), key=lambda numbered: _skipped(numbered[1])):
        found = list(group)
        if is_skipped:
            yield _not_run([str(entry.step) for _, entry in found], why)
            continue
        for index, entry in found:
            if text := _told(run, entry, entries[index + 1 :]):
                yield text
            if entry.event == "step.finished":
                yield from (_failed_on(str(entry.step), failure) for failure in failures.get(entry.step or "", ()))


def _skipped(entry: TimelineEvent) -> tuple[bool, str]:
    is_skipped = entry.event == "step.skipped"
    return is_skipped, (entry.text or entry.reason or "") if is_skipped else ""


def _not_run(steps: Sequence[str], why: str) -> str:
    names = ", ".join(f"'{step}'" for step in steps[:MOST_NAMED])
    if len(steps) == 1:
        return f"Step {names} was not run: {why}"
    return (
        f"Steps {names}{f' and {len(steps) - MOST_NAMED} more' if len(steps) > MOST_NAMED else ''} were not run: {why}"
    )


def _told(run: Run, entry: TimelineEvent, later: Sequence[TimelineEvent]) -> str:
    """What an entry says, if it explains anything."""
    because = f": {entry.text}" if entry.text else ""
    match entry.event:
        case "run.awaiting_approval" if (decided := _next_about_approval(later)) is not None:
            text = f"It waited {_length(entry.at, decided.at)} for a decision{because}"
        case "run.delayed" if run.not_before is not None:
            text = f"It was not to start before {_moment(run.not_before)}"
        case "run.waiting" if (after := _next_of_the_run(later)) is not None:
            text = f"It was queued for {_length(entry.at, after.at)}{because}"
        case "run.started":
            held = "Its condition held, and it" if "condition" in run.opened_gates else "It"
            text = f"{held} started {_on(entry.at)}"
        case "run.ended":
            took = f" after {_length(run.started_at, entry.at)}" if run.started_at is not None else ""
            text = f"It ended as {run.state} {_on(entry.at)}{took}{because}"
        case "step.finished" if entry.state not in {"succeeded", "cancelled"}:
            text = _failed(entry, later[:1])
        case event:
            what = "it" if entry.step is None else f"its step '{entry.step}'"
            text = _TOLD.get(event, "").format(by=entry.by, on=_on(entry.at), because=because, what=what)
    return f"T{text[1:]}" if text.startswith("the ") else text  # "the alert rule 'x'"; a token's name stays as it is


_TOLD: Mapping[str, str] = {
    "run.approval_given": "{by} approved {what} {on}{because}",
    "run.approval_ignored": "What {by} decided about {what} {on} did not count{because}",
    "run.approval_expired": "Its approval expired {on}{because}",
    "run.rejected": "{by} rejected {what} {on}{because}",
    "run.paused": "{by} paused it {on}{because}",
    "run.resumed": "{by} resumed it {on}{because}",
    "run.overridden": "{by} let it pass maintenance windows {on}{because}",
    "run.pause_too_late": "{by} paused it too late{because}",
    "run.cancel_requested": "{by} asked for its end {on}{because}",
    "run.timed_out": "It had taken as long as it may {on}",
}


def _next_of_the_run(later: Sequence[TimelineEvent]) -> TimelineEvent | None:
    """The entry with which the run waits no more."""
    return next((entry for entry in later if entry.event in {"run.started", "run.ended"}), None)


def _next_about_approval(later: Sequence[TimelineEvent]) -> TimelineEvent | None:
    """The entry with which nobody's decision is waited for any more."""
    over = {"run.queued", "run.delayed", "run.rejected", "run.approval_expired", "run.ended", "run.cancel_requested"}
    over |= {"run.awaiting_approval"}  # of what is decided after it
    return next((entry for entry in later if entry.event in over or entry.event.startswith("step.")), None)


def _failed(entry: TimelineEvent, following: Sequence[TimelineEvent]) -> str:
    ended = _ended(is_unknown=entry.state == "unknown")
    because = f": {entry.text}" if entry.text else ""
    retry = next((one.due_at for one in following if one.event == "step.retrying"), None)
    if retry is not None:
        pause = _length(entry.at, retry)
        return f"Attempt {entry.attempt} of step '{entry.step}' {ended}, and the next was due {pause} later{because}"
    return f"Step '{entry.step}' {ended}{because}"


def _failed_on(step: str, failure: Failure) -> str:
    because = f": {failure.why}" if failure.why else ""
    return f"Step '{step}' {_ended(is_unknown=failure.is_unknown)} on {failure.provider}{because}"


def _ended(*, is_unknown: bool) -> str:
    return "ended nobody knows how" if is_unknown else "failed"


def _length(since: datetime, until: datetime) -> str:
    return length_text(max(0.0, (until - since).total_seconds()))


def _now(run: Run) -> Iterator[str]:
    """What goes on, or is waited for."""
    if run.state in ENDED:
        return
    paused, waiting = paused_by(run), run.waiting_for
    under_way = next((step for step in run.steps if step.state in {"queued", "running"}), None)
    if waiting is not None:
        until = waiting.until
        why = waiting.why if until is None else waiting.why.replace(instant_text(until), _moment(until))
        yield f"Now it waits: {why}{f', until {_moment(until)}' if waiting.gate == 'approval' and until else ''}"
    elif under_way is not None and under_way.due_at is not None:
        yield f"Now step '{under_way.name}' waits for its next attempt, which is due {_on(under_way.due_at)}"
    elif under_way is not None:
        where = f" on {under_way.provider}" if under_way.provider is not None else ""
        yield f"Now step '{under_way.name}' is under way{where}"
    if paused is not None and (waiting is None or waiting.gate != "pause"):
        yield "Once that has ended it waits, as it is paused"
