"""How a run goes on: the rules, one by one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scheduler.domain.attempts import new_attempt
from scheduler.domain.conditions import NO_ANSWERS, AlertAnswer, Answers, ConditionAnswer, Question
from scheduler.domain.invocation import Finished, Tick, attempts_under_way
from scheduler.domain.progress import advance
from scheduler.domain.steps import Move
from shared.contracts.action import ActionDefinition
from shared.contracts.approval import Approval
from shared.contracts.attempt import Attempt, AttemptKey, AttemptState, Ending, Reason, attempt_id
from shared.contracts.run import Control, ControlKind, RunState
from shared.contracts.slot import SlotAnswer
from shared.contracts.trigger import Trigger
from shared.definitions import ActionVersion
from shared.runs.approvals import pending_approval
from tests.builders import NOON, a_finish, a_run, a_step, an_action, an_outcome, at, compiled


class Story:
    """A run told event by event."""

    def __init__(
        self, action: ActionDefinition, *, not_before: datetime | None = None, answers: Answers | None = None
    ) -> None:
        self.action = action
        self.answers = answers or NO_ANSWERS
        self.asked: list[Question] = []
        names = [parameter.name for parameter in action.parameters]
        self.run = a_run(action, parameters=dict.fromkeys(names, "a"))
        if not_before is not None:
            self.run.state, self.run.timeline[0].event = "delayed", "run.delayed"
            self.run.not_before = self.run.wake_at = not_before
        self.dispatched: list[tuple[int, int]] = []
        self.cancelled: list[str] = []
        self.attempts: dict[str, Attempt] = {}
        self.look()

    def look(self, tick: Tick | None = None, finished: Finished | None = None) -> Move:
        if finished is not None:
            end = {"state": finished.state, "outcome": finished.outcome}
            self.attempts[finished.attempt_id] = self.attempts[finished.attempt_id].model_copy(update=end)
        move = advance(self.run, self.action, [] if finished is None else [finished], tick or at(), self.answers)
        if move.asks is not None:
            self.asked.append(move.asks)
            return move
        self.run = move.run
        for key in move.dispatch:
            self.dispatched.append((key.step_index, key.number))
            self.attempts[attempt_id(self.run.id, *key)] = self.made(key)
        self.cancelled += move.cancel
        return move

    def made(self, key: AttemptKey) -> Attempt:
        """The attempt as the scheduler makes it, after all that was before."""
        earlier = [attempt for attempt in self.attempts.values() if attempt.step_index == key.step_index]
        before = [attempt for attempt in earlier if attempt.number < key.number]
        version = ActionVersion(self.action, compiled(self.action))
        return new_attempt(self.run, version, key, provider="web-1", pool="default", earlier=before, now=NOON)

    def ends(
        self, state: AttemptState = "succeeded", reason: Reason | None = None, tick: Tick | None = None
    ) -> "Story":
        under_way = attempts_under_way(self.run)
        assert under_way, "no attempt is under way"
        (current,) = under_way
        self.look(tick, a_finish(current, state, reason))
        return self

    def told(self, kind: ControlKind, comment: str = "", tick: Tick | None = None) -> "Story":
        control = Control(kind=kind, by="admin", at=NOON, comment=comment)
        self.run = self.run.model_copy(update={"controls": [*self.run.controls, control]})
        self.look(tick)
        return self

    def cancel(self, reason: str = "") -> "Story":
        return self.told("cancel", reason)

    @property
    def states(self) -> list[str]:
        return [step.state for step in self.run.steps]

    @property
    def events(self) -> list[str]:
        return [entry.event for entry in self.run.timeline]


def failed(story: Story) -> Story:
    return story.ends("failed", "exit_status")


def test_a_new_run_starts_and_its_first_step_is_dispatched_at_once() -> None:
    story = Story(an_action(a_step("a"), a_step("b")))
    assert story.run.state == "running"
    assert story.run.started_at == NOON
    assert story.dispatched == [(0, 1)]
    assert story.states == ["queued", "pending"]
    assert story.events == ["run.queued", "run.started", "step.queued"]


def test_steps_follow_each_other_and_the_run_succeeds() -> None:
    story = Story(an_action(a_step("a"), a_step("b"))).ends().ends()
    assert story.dispatched == [(0, 1), (1, 1)]
    assert story.run.state == "succeeded"
    assert story.run.reason is None
    assert story.run.ended_at == NOON
    assert story.run.wake_at is None


def test_a_failed_step_stops_the_run_and_what_never_began_is_skipped() -> None:
    story = failed(Story(an_action(a_step("a"), a_step("b"))))
    assert story.states == ["failed", "skipped"]
    assert (story.run.state, story.run.reason) == ("failed", "exit_status")
    assert story.run.reason_text == "step 'a': because of exit_status"


def test_a_failed_step_that_is_passed_over_does_not_fail_the_run() -> None:
    story = failed(Story(an_action(a_step("a", on_failure="continue"), a_step("b")))).ends()
    assert story.states == ["failed", "succeeded"]
    assert story.run.state == "succeeded"


def test_a_cleanup_step_runs_after_a_failure_and_the_run_is_still_failed() -> None:
    story = failed(Story(an_action(a_step("a"), a_step("b"), a_step("c", when="always")))).ends()
    assert story.states == ["failed", "skipped", "succeeded"]
    assert story.run.state == "failed"


@pytest.mark.parametrize("on_failure", ["stop", "continue"])
def test_previous_failure_holds_once_any_step_so_far_has_failed(on_failure: str) -> None:
    story = failed(Story(an_action(a_step("a", on_failure=on_failure), a_step("b", when="previous_failure")))).ends()
    assert story.states == ["failed", "succeeded"]


def test_previous_failure_does_not_hold_after_success() -> None:
    story = Story(an_action(a_step("a"), a_step("b", when="previous_failure"))).ends()
    assert story.states == ["succeeded", "skipped"]
    assert story.run.state == "succeeded"
    assert story.run.steps[1].reason == "condition"


def test_a_run_none_of_whose_conditions_held_is_skipped() -> None:
    story = Story(an_action(a_step("a", when="previous_failure")))
    assert (story.run.state, story.run.reason) == ("skipped", "condition")


def test_a_failed_attempt_is_followed_by_another_after_its_pause() -> None:
    story = failed(Story(an_action(a_step("a", retries={"count": 1, "delay": 5}))))
    assert story.run.steps[0].due_at == NOON + timedelta(seconds=5)
    assert story.run.wake_at == NOON + timedelta(seconds=5)
    story.look(at(4.9))
    assert story.dispatched == [(0, 1)]
    story.look(at(5))
    assert story.dispatched == [(0, 1), (0, 2)]
    assert story.ends().run.state == "succeeded"


def test_retries_end() -> None:
    story = failed(Story(an_action(a_step("a", retries={"count": 1, "delay": 0}))))
    story.look(at(1))
    failed(story)
    assert story.states == ["failed"]
    assert story.run.steps[0].attempts == 2


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 4), (3, 8), (4, 10), (5, 10)])
def test_an_exponential_pause_doubles_up_to_its_maximum(attempts: int, seconds: float) -> None:
    retries = {"count": 20, "delay": 2, "backoff": "exponential", "maximum_delay": 10}
    story = Story(an_action(a_step("a", retries=retries)))
    for _ in range(attempts - 1):
        failed(story)
        story.look(Tick(now=story.run.steps[0].due_at or NOON, jitter=0.5))
    before = NOON
    failed(story)
    assert story.run.steps[0].due_at == before + timedelta(seconds=seconds)


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, 9.0), (1.0, 11.0)])
def test_a_pause_varies_by_a_tenth(chance: float, seconds: float) -> None:
    story = Story(an_action(a_step("a", retries={"count": 1, "delay": 10})))
    story.ends("failed", "exit_status", at(chance=chance))
    assert story.run.steps[0].due_at == NOON + timedelta(seconds=seconds)


def test_what_a_person_has_to_mend_is_not_retried() -> None:
    story = Story(an_action(a_step("a", retries=5))).ends("failed", "host_key_changed")
    assert story.run.state == "failed"
    assert story.dispatched == [(0, 1)]


def test_a_lost_attempt_makes_the_run_unknown_and_is_never_run_again_unasked() -> None:
    story = Story(an_action(a_step("a", retries=5), a_step("b"))).ends("unknown", "lost")
    assert (story.run.state, story.run.reason) == ("unknown", "lost")
    assert story.states == ["unknown", "skipped"]
    assert story.dispatched == [(0, 1)]


def test_a_lost_attempt_is_run_again_where_the_step_says_so() -> None:
    story = Story(an_action(a_step("a", on_lost="rerun"))).ends("unknown", "lost")
    story.look(at(60))
    assert story.dispatched == [(0, 1), (0, 2)]
    assert story.ends().run.state == "succeeded"


def test_whoever_waits_for_a_machine_that_a_step_restarts_is_followed_by_another_who_knows_of_it() -> None:
    story = Story(an_action(a_step("a", expect_disconnect={"back_within": "5m"}))).ends("unknown", "lost")
    story.look(at(60))
    assert story.dispatched == [(0, 1), (0, 2)]
    second = story.made(AttemptKey(0, 0, 2))
    assert (second.back_within, second.earlier_attempts) == (300, [attempt_id(story.run.id, 0, 0, 1)])
    story.ends("failed", "unreachable", at(120))
    assert (story.run.state, story.run.reason) == ("failed", "unreachable")
    third = story.made(AttemptKey(0, 0, 3))
    assert len(third.earlier_attempts) == 2, "the one that was not back in time has begun, too"


def test_lost_attempts_are_not_run_again_for_ever() -> None:
    story = Story(an_action(a_step("a", on_lost="rerun")))
    for turn in range(1, 100):
        if story.run.state != "running":
            break
        story.ends("unknown", "lost", at(turn * 3600))
        story.look(at(turn * 3600 + 100))
    assert story.run.state == "unknown"
    assert len(story.dispatched) == 21


def test_a_lost_attempt_counts_as_failed_where_the_step_says_so() -> None:
    story = Story(an_action(a_step("a", on_lost="fail"))).ends("unknown", "lost")
    assert (story.run.state, story.run.reason) == ("failed", "lost")


def test_a_cancel_ends_the_attempt_under_way_and_cleanup_still_runs() -> None:
    story = Story(an_action(a_step("a"), a_step("b"), a_step("c", when="always"))).cancel("enough")
    assert story.cancelled == [attempt_id(story.run.id, 0, 0, 1)]
    story.ends("cancelled", "cancelled")
    assert story.states == ["cancelled", "skipped", "queued"]
    story.look()
    assert story.cancelled == [attempt_id(story.run.id, 0, 0, 1)], "cleanup is left to end"
    story.ends()
    assert (story.run.state, story.run.reason_text) == ("cancelled", "cancelled by admin: enough")


def test_cleanup_after_a_cancel_is_tried_again_as_it_says() -> None:
    retries = {"count": 1, "delay": 5}
    story = Story(an_action(a_step("a"), a_step("c", when="always", retries=retries))).cancel()
    failed(story.ends("cancelled", "cancelled"))
    story.look(at(6))
    assert story.dispatched == [(0, 1), (1, 1), (1, 2)]
    assert story.ends().run.state == "cancelled"


def test_a_run_that_had_failed_stays_failed_when_its_cleanup_is_cancelled() -> None:
    story = failed(Story(an_action(a_step("a"), a_step("c", when="always")))).cancel()
    assert story.cancelled == [attempt_id(story.run.id, 1, 0, 1)]
    story.ends("cancelled", "cancelled")
    assert (story.run.state, story.run.reason) == ("failed", "exit_status")


def test_a_lost_command_that_may_still_run_is_not_run_again_even_where_the_step_says_so() -> None:
    story = Story(an_action(a_step("a", on_lost="rerun")))
    first = attempt_id(story.run.id, 0, 0, 1)
    story.look(at(), Finished(first, "unknown", an_outcome(reason="lost", ending="unconfirmed")))
    assert story.run.state == "unknown"
    assert story.dispatched == [(0, 1)]


def timed_out(story: Story, number: int, ending: Ending) -> Story:
    current = attempt_id(story.run.id, 0, 0, number)
    story.look(at(), Finished(current, "failed", an_outcome(reason="timeout", ending=ending)))
    return story


def test_no_retry_is_begun_beside_what_may_be_left() -> None:
    """Case A02-retry."""
    story = timed_out(Story(an_action(a_step("a", retries=3))), 1, "unconfirmed")
    assert (story.run.state, story.dispatched) == ("failed", [(0, 1)])
    assert "not tried again" in (story.run.reason_text or "")
    assert timed_out(Story(an_action(a_step("a", retries=3))), 1, "confirmed").run.state == "running"


def test_a_retry_ends_what_may_be_left_first_where_the_step_says_so() -> None:
    """Case A02-retry."""
    action = an_action(a_step("a", retries=1, on_lost="rerun"))
    story = timed_out(Story(action), 1, "unconfirmed")
    story.look(at(60))
    assert story.dispatched == [(0, 1), (0, 2)]
    first = attempt_id(story.run.id, 0, 0, 1)
    second = story.made(AttemptKey(0, 0, 2))
    assert (second.lost_attempts, second.earlier_attempts) == ([first], [first])
    assert "not tried again" not in (timed_out(story, 2, "unconfirmed").run.reason_text or "")


def test_a_retry_is_told_of_every_earlier_attempt_that_may_have_begun() -> None:
    action = an_action(a_step("a", retries=3))
    story = Story(action).ends("failed", "exit_status")
    story.look(at(60))
    story.ends("failed", "unreachable", at(60)).look(at(120))
    third = story.made(AttemptKey(0, 0, 3))
    assert (third.lost_attempts, third.earlier_attempts) == ([], [attempt_id(story.run.id, 0, 0, 1)])


def test_attempts_have_no_copies_of_long_values() -> None:
    action = an_action(a_step("a", command="cat {{ x }} '{{ y }}'"), parameters=[{"name": "x"}, {"name": "y"}])
    story = Story(action)
    story.run.parameters = {"x": "é$'" * 20_000, "y": "a"}
    long = story.made(AttemptKey(0, 0, 2))
    assert long.parameters is None
    assert len(long.model_dump_json()) < 5_000
    story.run.parameters = {"x": "é$'", "y": "a"}
    assert story.made(AttemptKey(0, 0, 2)).parameters == story.run.parameters


@pytest.mark.parametrize(("state", "reason"), [("failed", "unreachable"), ("unknown", "lost")])
def test_what_would_end_in_the_same_way_is_not_tried_again(state: AttemptState, reason: Reason) -> None:
    """Cases A01, A30: a log-in that runs no commands; a machine that the step itself restarts."""
    story = Story(an_action(a_step("a", retries=3, on_lost="rerun")))
    first = attempt_id(story.run.id, 0, 0, 1)
    story.look(at(), Finished(first, state, an_outcome(reason=reason, is_lasting=True)))
    assert (story.run.state, story.dispatched) == (state, [(0, 1)])


def test_a_cancel_before_the_start_runs_nothing_at_all() -> None:
    action = an_action(a_step("a"), a_step("b", when="always"))
    run = a_run(action).model_copy(update={"controls": [Control(kind="cancel", by="admin", at=NOON)]})
    move = advance(run, action, [], at())
    assert move.run.state == "cancelled"
    assert move.dispatch == []


def test_a_cancel_that_comes_too_late_changes_nothing() -> None:
    story = Story(an_action(a_step("a"))).cancel().ends()
    assert story.run.state == "succeeded"


def test_a_cancel_while_a_retry_is_waited_for_ends_the_step() -> None:
    story = failed(Story(an_action(a_step("a", retries={"count": 3, "delay": 60})))).cancel()
    assert story.run.state == "cancelled"
    assert story.dispatched == [(0, 1)]


def test_a_run_that_takes_too_long_is_ended_and_fails() -> None:
    story = Story(an_action(a_step("a"), a_step("b"), execution={"timeout": 5}))
    story.look(at(5))
    assert story.cancelled == [attempt_id(story.run.id, 0, 0, 1)]
    story.ends("cancelled", "cancelled", at(6))
    assert (story.run.state, story.run.reason) == ("failed", "timeout")
    assert "5s" in (story.run.reason_text or "")


def test_a_run_is_looked_at_again_when_its_time_is_over() -> None:
    story = Story(an_action(a_step("a"), execution={"timeout": 5}))
    assert story.run.wake_at == NOON + timedelta(seconds=5)


def test_a_run_of_which_nothing_is_heard_is_looked_at_ever_more_seldom() -> None:
    story = Story(an_action())
    looks = []
    for _ in range(6):
        due = story.run.wake_at
        assert due is not None
        looks.append((due - NOON).total_seconds())
        story.look(Tick(now=due, jitter=0.5))
    assert looks == [15, 30, 60, 120, 240, 360]


def test_a_look_that_finds_nothing_new_is_not_worth_a_write() -> None:
    story = Story(an_action())
    assert not story.look(at(1)).changed


def test_the_end_of_another_attempt_moves_nothing() -> None:
    story = failed(Story(an_action(a_step("a", retries={"count": 1, "delay": 0}))))
    story.look(at(1))
    first = attempt_id(story.run.id, 0, 0, 1)
    assert not story.look(at(1), a_finish(first)).changed
    assert story.states == ["queued"]


def test_a_run_that_has_ended_stays_as_it_ended() -> None:
    story = Story(an_action()).ends()
    ended = story.run
    move = advance(ended, story.action, [Finished(attempt_id(ended.id, 0, 0, 1), "failed", an_outcome())], at(9))
    assert move.run is ended
    assert not move.changed


def test_the_run_that_is_handed_in_is_not_touched() -> None:
    action = an_action(a_step("a"), a_step("b"))
    run = a_run(action)
    before = run.model_dump()
    advance(run, action, [], at())
    assert run.model_dump() == before


def test_every_timeline_tells_the_whole_story() -> None:
    story = failed(Story(an_action(a_step("a", retries={"count": 1, "delay": 0}), a_step("b"))))
    story.look(at(1))
    story.ends().ends()
    assert story.events == [
        "run.queued",
        "run.started",
        "step.queued",
        "step.finished",
        "step.retrying",
        "step.queued",
        "step.finished",
        "step.queued",
        "step.finished",
        "run.ended",
    ]


def paused_before_the_second_step() -> Story:
    action = an_action(a_step("a"), a_step("b"), execution={"timeout": 60})
    return Story(action).told("pause", "wait for Ann").ends()


def test_a_pause_lets_what_is_under_way_end_and_nothing_new_begin() -> None:
    story = paused_before_the_second_step()
    assert (story.states, story.dispatched) == (["succeeded", "pending"], [(0, 1)])
    waiting_for = story.run.waiting_for
    assert waiting_for is not None
    assert (waiting_for.gate, waiting_for.why) == ("pause", "paused by admin: wait for Ann")
    assert story.run.wake_at is not None
    story.told("resume")
    assert (story.states, story.run.waiting_for, story.run.paused) == (["succeeded", "queued"], None, None)
    assert story.ends().run.state == "succeeded"
    assert [event for event in story.events if event.startswith("run.")] == [
        "run.queued",
        "run.started",
        "run.paused",
        "run.resumed",
        "run.ended",
    ]


def test_a_paused_run_that_nothing_happens_to_is_not_written() -> None:
    story = paused_before_the_second_step()
    assert not story.look(at(1)).changed


def test_the_time_that_a_run_is_held_does_not_count_for_its_time_out() -> None:
    story = paused_before_the_second_step()
    story.look(at(3600))
    story.told("resume", tick=at(3600))
    assert story.states == ["succeeded", "queued"]
    story.look(at(3659))
    assert story.cancelled == []
    story.look(at(3660))
    assert story.cancelled == [attempt_id(story.run.id, 1, 0, 1)]


def test_the_time_in_which_a_paused_run_still_runs_something_counts() -> None:
    story = Story(an_action(a_step("a"), execution={"timeout": 60})).told("pause")
    story.look(at(60))
    assert story.cancelled == [attempt_id(story.run.id, 0, 0, 1)]


def test_a_retry_is_held_by_a_pause_too() -> None:
    story = failed(Story(an_action(a_step("a", retries={"count": 1, "delay": 5}))).told("pause"))
    story.look(at(100))
    assert story.dispatched == [(0, 1)]
    story.told("resume", tick=at(200))
    assert story.dispatched == [(0, 1), (0, 2)]


def test_a_paused_run_can_be_cancelled_and_its_cleanup_runs() -> None:
    story = Story(an_action(a_step("a"), a_step("b"), a_step("c", when="always"))).told("pause").ends().cancel()
    assert story.states == ["succeeded", "skipped", "queued"]
    assert story.ends().run.state == "cancelled"


def test_a_pause_that_comes_too_late_says_so() -> None:
    story = Story(an_action(a_step("a"))).told("pause").ends()
    assert story.run.state == "succeeded"
    assert (story.run.paused, story.events[-2:]) == (None, ["run.pause_too_late", "run.ended"])
    stopping = Story(an_action(a_step("a"))).cancel().told("pause")
    assert (stopping.run.paused, stopping.events[-1]) == (None, "run.pause_too_late")


def a_delayed_run(seconds: float) -> Story:
    story = Story(an_action(a_step("a"), execution={"timeout": 60}), not_before=NOON + timedelta(seconds=seconds))
    assert (story.run.state, story.dispatched) == ("delayed", [])
    return story


def test_a_delayed_run_starts_when_it_is_due_and_not_before() -> None:
    story = a_delayed_run(100)
    assert story.run.wake_at == NOON + timedelta(seconds=100)
    assert not story.look(at(99.9)).changed
    story.look(at(100))
    assert (story.run.state, story.dispatched) == ("running", [(0, 1)])
    assert story.run.deadline == NOON + timedelta(seconds=160)
    assert story.events == ["run.delayed", "run.queued", "run.started", "step.queued"]


def test_a_gate_that_latches_stays_open_for_a_clock_that_is_behind() -> None:
    story = a_delayed_run(100)
    story.look(at(100))
    assert story.run.opened_gates == ["not_before"]
    story.look(at(50))
    assert story.run.state == "running"


def test_a_delayed_run_can_be_cancelled_and_paused() -> None:
    story = a_delayed_run(100).cancel("no more")
    assert (story.run.state, story.run.reason_text) == ("cancelled", "cancelled by admin: no more")
    paused = a_delayed_run(100).told("pause")
    paused.look(at(100))
    assert (paused.run.state, paused.dispatched) == ("running", [])
    assert paused.told("resume", tick=at(200)).dispatched == [(0, 1)]


# --- conditions in CEL

DEPLOY, PROD = 'steps.a.state == "x"', 'params.env == "prod"'


def answers(action: ActionDefinition, **found: ConditionAnswer) -> Answers:
    """What came of the conditions of steps, by the steps' names, and of the action's own as ``own``."""
    names = {step.name: index for index, step in enumerate(action.steps)}
    by_question = {names.get(name, "condition"): answer for name, answer in found.items()}
    return Answers(compiled(action), by_question)  # type: ignore[arg-type]


YES, NO, BROKEN = (
    ConditionAnswer(holds=True),
    ConditionAnswer(holds=False),
    ConditionAnswer(holds=False, error="no such key"),
)


def test_a_condition_is_asked_for_once_the_step_s_turn_has_come() -> None:
    action = an_action(a_step("a"), a_step("b", when=DEPLOY))
    story = Story(action)
    assert (story.asked, story.states) == ([], ["queued", "pending"])
    story.ends()
    assert (story.asked, story.states) == ([1], ["queued", "pending"])  # it is told again, with the answer
    story.answers = answers(action, b=YES)
    assert story.ends().states == ["succeeded", "queued"]


def test_a_step_whose_condition_does_not_hold_is_skipped_with_the_sentence() -> None:
    action = an_action(a_step("a"), a_step("b", when=DEPLOY))
    story = Story(action, answers=answers(action, b=NO)).ends()
    step = story.run.steps[1]
    assert (step.state, step.reason) == ("skipped", "condition")
    assert step.reason_text == f"its condition does not hold: {DEPLOY}"
    assert story.run.timeline[-2].text == step.reason_text
    assert story.run.state == "succeeded"


@pytest.mark.parametrize("on_failure", ["stop", "continue"])
def test_a_condition_that_cannot_be_evaluated_fails_its_step_and_never_runs_it(on_failure: str) -> None:
    action = an_action(a_step("a"), a_step("b", when=DEPLOY, on_failure=on_failure), a_step("c"))
    story = Story(action, answers=answers(action, b=BROKEN)).ends()
    assert story.dispatched[:1] == [(0, 1)]
    assert (1, 1) not in story.dispatched
    assert (story.run.steps[1].state, story.run.steps[1].reason) == ("failed", "condition")
    assert story.run.steps[1].reason_text == "its condition could not be evaluated: no such key"
    if on_failure == "continue":
        assert story.ends().run.state == "succeeded"
    else:
        assert (story.run.state, story.run.reason) == ("failed", "condition")
        assert story.run.reason_text == "step 'b': its condition could not be evaluated: no such key"


def test_after_a_failure_only_a_condition_that_speaks_of_it_is_asked() -> None:
    action = an_action(a_step("a"), a_step("b", when=DEPLOY), a_step("c", when="run.failed"))
    story = Story(action, answers=answers(action, b=YES, c=YES))
    failed(story)
    assert story.states == ["failed", "skipped", "queued"]
    assert story.run.steps[1].reason_text == "step 'a' failed"
    assert story.ends().run.state == "failed"


def test_after_a_cancel_no_condition_is_asked() -> None:
    action = an_action(a_step("a"), a_step("b", when="run.failed || true"), a_step("c", when="always"))
    story = Story(action, answers=answers(action, b=YES)).cancel()
    story.ends("cancelled", "cancelled")
    assert story.states == ["cancelled", "skipped", "queued"]
    assert story.run.steps[1].reason_text == "the run was cancelled"


def test_a_paused_run_asks_for_no_condition() -> None:
    action = an_action(a_step("a"), a_step("b", when=DEPLOY))
    story = Story(action)
    story.told("pause")
    assert (story.ends().states, story.asked) == (["succeeded", "pending"], [])
    story.told("resume")
    assert story.asked == [1]


def test_an_action_s_condition_that_does_not_hold_ends_the_run_as_skipped() -> None:
    action = an_action(a_step("a"), condition=PROD, parameters=[{"name": "env"}])
    story = Story(action)
    assert (story.asked, story.run.state) == (["condition"], "queued")
    story.answers = answers(action, own=NO)
    story.look()
    assert (story.run.state, story.run.reason) == ("skipped", "condition")
    assert story.run.reason_text == f"its condition does not hold: {PROD}"
    assert (story.states, story.run.started_at, story.run.wake_at) == (["skipped"], None, None)


def test_an_action_s_condition_that_cannot_be_evaluated_ends_the_run_as_failed() -> None:
    action = an_action(a_step("a"), condition=PROD, parameters=[{"name": "env"}])
    story = Story(action, answers=answers(action, own=BROKEN))
    assert (story.run.state, story.run.reason, story.dispatched) == ("failed", "condition", [])
    assert story.run.reason_text == "its condition could not be evaluated: no such key"


def test_an_action_s_condition_is_asked_once_it_is_time_and_then_never_again() -> None:
    action = an_action(a_step("a"), condition=PROD, parameters=[{"name": "env"}])
    story = Story(action, not_before=NOON + timedelta(seconds=10))
    assert (story.asked, story.run.state) == ([], "delayed")
    story.answers = answers(action, own=YES)
    story.look(at(10))
    assert (story.run.state, story.run.opened_gates) == ("running", ["not_before", "condition"])
    story.answers = NO_ANSWERS
    assert (story.ends().run.state, story.asked) == ("succeeded", [])


# --- slots


def limited(**fields: object) -> ActionDefinition:
    return an_action(a_step("a"), concurrency=fields)


BEHIND = Answers(slot=SlotAnswer(waits_behind="waiting for run X"))
TAKEN = Answers(slot=SlotAnswer())


def test_a_run_without_a_slot_waits_queued_and_says_for_what() -> None:
    story = Story(limited(queue_ttl=60))
    assert story.asked == ["slot"]
    story.answers = BEHIND
    story.look()
    waiting = story.run.waiting_for
    assert waiting is not None
    assert (story.run.state, waiting.gate, waiting.why) == ("queued", "slot", "waiting for run X")
    assert waiting.until == story.run.wake_at == NOON + timedelta(seconds=60)
    assert story.events == ["run.queued", "run.waiting"]
    story.look(at(1))
    assert story.events == ["run.queued", "run.waiting"]
    story.answers = TAKEN
    story.look(at(2))
    assert (story.run.state, story.run.waiting_for) == ("running", None)
    story.answers = NO_ANSWERS
    assert (story.ends().run.state, story.asked) == ("succeeded", ["slot"])


def test_a_run_that_waited_too_long_for_a_slot_expires() -> None:
    story = Story(limited(queue_ttl=60), answers=BEHIND)
    story.look(at(60))
    assert (story.run.state, story.run.reason) == ("expired", "concurrency")
    assert story.run.reason_text == "it found no room within the 1m that queue_ttl allows: waiting for run X"


@pytest.mark.parametrize(("is_full", "state"), [(True, "rejected"), (False, "skipped")])
def test_a_run_that_is_not_to_wait_ends_and_says_why(is_full: bool, state: str) -> None:
    story = Story(limited(), answers=Answers(slot=SlotAnswer(refused="run X is under way", is_full=is_full)))
    assert (story.run.state, story.run.reason, story.run.reason_text) == (state, "concurrency", "run X is under way")
    assert story.states == ["skipped"]


def test_a_delayed_run_waits_for_its_slot_only_once_it_is_time() -> None:
    story = Story(limited(), not_before=NOON + timedelta(seconds=10), answers=BEHIND)
    assert story.run.state == "delayed"
    story.look(at(10))
    assert (story.run.state, story.events) == ("queued", ["run.delayed", "run.queued", "run.waiting"])


def test_a_run_that_waits_for_a_slot_can_be_cancelled() -> None:
    story = Story(limited(), answers=BEHIND).cancel("enough")
    assert (story.run.state, story.run.waiting_for) == ("cancelled", None)


# Runs of alerts that are resolved


def answering(state: RunState, answer: AlertAnswer | None) -> Story:
    """The run of an alert, which waits in this state, looked at with this answer about the alert."""
    story = Story(an_action(a_step("one"), a_step("two", when="always")))
    story.run = a_run(story.action).model_copy(update={"state": state, "dispatched": []})
    story.run.trigger = Trigger(kind="alert", by="down", alert_id="a", cancel_on_resolve=True)
    if state == "awaiting_approval":
        story.run.approval = pending_approval(Approval(), NOON)
    if state == "delayed":
        story.run.not_before = NOON + timedelta(hours=1)
    story.dispatched.clear()
    story.asked.clear()
    story.answers = replace(NO_ANSWERS, alert=answer, window="open")
    story.look()
    return story


@pytest.mark.parametrize("state", ["awaiting_approval", "delayed", "queued"])
def test_a_run_that_has_not_begun_ends_with_its_alert(state: RunState) -> None:
    assert answering(state, None).asked == ["alert"]
    firing = answering(state, AlertAnswer(is_over=False))
    assert firing.run.state == ("running" if state == "queued" else state)
    over = answering(state, AlertAnswer(is_over=True, why="its alert was resolved before it began"))
    told = "cancelled by the alert rule 'down': its alert was resolved before it began"
    assert (over.run.state, over.run.reason, over.run.reason_text) == ("cancelled", "cancelled", told)
    assert over.dispatched == [], "not even what always runs begins"
    assert [entry.event for entry in over.run.timeline if entry.event.startswith("run.")] == [
        "run.queued",
        "run.cancel_requested",
        "run.ended",
    ]


def test_a_run_that_has_begun_goes_on_when_its_alert_is_resolved() -> None:
    story = answering("queued", AlertAnswer(is_over=False))
    story.answers = replace(story.answers, alert=AlertAnswer(is_over=True, why="over"))
    story.look()
    assert (story.run.state, story.run.stop) == ("running", None)
