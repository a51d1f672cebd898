"""A run in sentences."""

from datetime import timedelta

from catalog.domain.explanation import Failure, explanation
from scheduler.domain.conditions import Answers
from shared.contracts.run import Run, TimelineEvent
from shared.contracts.slot import SlotAnswer
from shared.contracts.trigger import Trigger
from tests.builders import NOON, a_finish, a_run, a_step, an_action, at
from tests.unit.test_run_progress import BEHIND, BROKEN, NO, PROD, TAKEN, YES, Story, answers, failed, limited
from tests.unit.test_wide_steps import Rolling, rolled


def said(run: Run) -> list[str]:
    return explanation(run, {}).sentences


ASKED = "admin asked for it on 2026-01-31 at 12:00:00 UTC."
STARTED = "It started on 2026-01-31 at 12:00:00 UTC."


def test_who_or_what_asked_for_a_run_is_said() -> None:
    run = a_run(an_action())
    run.trigger = Trigger(kind="alert", by="nginx-down", alert_id="01A", note="NginxDown")
    asked = "The alert rule 'nginx-down' asked for it for the alert 01A on 2026-01-31 at 12:00:00 UTC: NginxDown."
    assert said(run) == [asked]
    run.trigger = Trigger(kind="api", by="ci")
    run.rerun_of = "01B"
    assert said(run) == ["The service 'ci' asked for it on 2026-01-31 at 12:00:00 UTC, to do run 01B again."]


def test_what_a_schedule_missed_and_what_joined_its_run_is_said() -> None:
    run, noon = a_run(an_action()), "on 2026-01-31 at 12:00:00 UTC"
    run.trigger = Trigger(kind="schedule", by="nightly", fire_time=NOON, missed=2)
    asked = f"The schedule 'nightly' asked for it {noon}, for its fire time {noon}"
    assert said(run) == [f"{asked}; 2 before it were missed, as no scheduler was there."]
    joined_at = NOON + timedelta(seconds=60)
    run.trigger = Trigger(kind="schedule", by="nightly", fire_time=NOON, joined=3, joined_at=joined_at)
    joined = "The same was asked for 3 times more, the last time on 2026-01-31 at 12:01:00 UTC"
    held = "while a maintenance window held it, so this run stands for that, too."
    assert said(run) == [f"{asked}.", f"{joined}, {held}"]


def test_what_a_run_waits_for_is_said_while_it_does_and_afterwards() -> None:
    story = Story(limited(queue_ttl=60), answers=BEHIND)
    found = explanation(story.run, {})
    assert found.sentences == [ASKED, "Now it waits: waiting for run X."]
    assert found.waiting_for is not None
    assert found.waiting_for.gate == "slot"
    story.answers = TAKEN
    story.look(at(40))
    assert said(story.run) == [
        ASKED,
        "It was queued for 40s: waiting for run X.",
        "It started on 2026-01-31 at 12:00:40 UTC.",
        "Now step 'a' is under way on web-1.",
    ]
    assert explanation(story.run, {}).waiting_for is None


def test_a_run_that_did_not_start_says_why() -> None:
    refused = Story(limited(), answers=Answers(slot=SlotAnswer(refused="run X is under way")))
    assert said(refused.run)[1:] == [
        "Step 'a' was not run: the run did not start.",
        "It ended as skipped on 2026-01-31 at 12:00:00 UTC: run X is under way.",
    ]
    action = an_action(a_step("a"), condition=PROD, parameters=[{"name": "env"}])
    unmet = Story(action, answers=answers(action, own=NO))
    assert said(unmet.run)[-1].endswith(f"its condition does not hold: {PROD}.")
    met = Story(action, not_before=NOON + timedelta(seconds=10), answers=answers(action, own=YES))
    assert said(met.run)[-1] == "Now it waits: it is not to start before 2026-01-31 at 12:00:10 UTC."
    met.look(at(10))
    assert said(met.run)[1:3] == [
        "It was not to start before 2026-01-31 at 12:00:10 UTC.",
        "Its condition held, and it started on 2026-01-31 at 12:00:10 UTC.",
    ]


def test_why_steps_were_not_run_is_said_once_for_each_reason() -> None:
    later = [a_step(name, when="previous_success") for name in ("c", "d")]
    action = an_action(a_step("a"), a_step("b", when=PROD), *later, a_step("e"), parameters=[{"name": "env"}])
    story = Story(action, answers=answers(action, b=BROKEN)).ends()
    assert said(story.run) == [
        ASKED,
        STARTED,
        "Step 'b' failed: its condition could not be evaluated: no such key.",
        "Steps 'c', 'd', 'e' were not run: step 'b' failed.",
        f"It ended as failed on 2026-01-31 at 12:00:00 UTC after 0s: {story.run.reason_text}.",
    ]


def test_pauses_retries_and_a_cancel_are_said() -> None:
    story = failed(Story(an_action(a_step("a", retries={"count": 1, "delay": 30}), a_step("b"))))
    assert said(story.run)[2:] == [
        "Attempt 1 of step 'a' failed, and the next was due 30s later: because of exit_status.",
        "Now step 'a' waits for its next attempt, which is due on 2026-01-31 at 12:00:30 UTC.",
    ]
    story.told("pause", "ask Ann")
    assert said(story.run)[3:] == [
        "admin paused it on 2026-01-31 at 12:00:00 UTC: ask Ann.",
        "Now it waits: paused by admin: ask Ann.",
    ]
    story.told("resume").told("cancel", "enough")
    assert said(story.run)[4:] == [
        "admin resumed it on 2026-01-31 at 12:00:00 UTC.",
        "admin asked for its end on 2026-01-31 at 12:00:00 UTC: enough.",
        "Step 'b' was not run: the run was cancelled.",
        "It ended as cancelled on 2026-01-31 at 12:00:00 UTC after 0s: cancelled by admin: enough.",
    ]


def test_a_sentence_about_an_alert_rule_begins_as_sentences_do() -> None:
    story = Story(an_action(a_step("a")))
    cancelled = TimelineEvent(at=NOON, event="run.cancel_requested", by="the alert rule 'r'", text="it was resolved")
    run = story.run.model_copy(update={"timeline": [*story.run.timeline, cancelled]})
    assert "The alert rule 'r' asked for its end on 2026-01-31 at 12:00:00 UTC: it was resolved." in said(run)


def test_a_paused_run_with_a_command_under_way_says_both() -> None:
    story = Story(an_action(a_step("a"))).told("pause")
    assert said(story.run)[-2:] == [
        "Now step 'a' is under way on web-1.",
        "Once that has ended it waits, as it is paused.",
    ]
    story.look(finished=a_finish(next(iter(story.attempts))))
    assert said(story.run)[-1].startswith("It ended as succeeded")


def test_why_a_step_failed_is_said_for_each_of_its_providers() -> None:
    story = Rolling(rolled(rollout={"batches": []})).end("failed", only={1, 2})
    failures = [Failure("host-1", False, "Cannot reach 10.0.0.1."), Failure("host-2", True, "")]
    assert explanation(story.run, {"restart": failures}).sentences[2:6] == [
        "Step 'restart' failed: it failed on 2 of 6 providers.",
        "Step 'restart' failed on host-1: Cannot reach 10.0.0.1.",
        "Step 'restart' ended nobody knows how on host-2.",
        "Steps 'verify', 'after' were not run: step 'restart' failed.",
    ]
