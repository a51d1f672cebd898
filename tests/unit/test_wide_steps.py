"""Steps on many providers: how a run goes through them, batch by batch, with a check in between."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.invocation import attempts_under_way
from scheduler.domain.progress import advance
from shared.contracts.action import ActionDefinition
from shared.contracts.attempt import AttemptKey, AttemptState, attempt_key
from shared.contracts.run import ENDED, Control, Run
from shared.contracts.step import STEP_ENDED
from tests.builders import NOON, a_finish, a_planned_run, a_step, an_action, at

HOSTS = [f"host-{index}" for index in range(6)]


def rolled(
    check: dict[str, Any] | None = None, *, rollout: dict[str, Any] | None = None, **step: Any
) -> ActionDefinition:
    """A step on all hosts in batches of 1, 2 and 3, its check, and a step after both."""
    planned = {"batches": [1, 2, 3], "check": "verify", **(rollout or {})}
    restart = {"name": "restart", "command": "true", "providers": HOSTS, "rollout": planned, **step}
    verify = {"name": "verify", "command": "true", **(check or {})}
    return an_action(restart, verify, a_step("after", provider=HOSTS[0]))


class Rolling:
    """A run of which attempts end as they are told."""

    def __init__(self, action: ActionDefinition) -> None:
        self.action, self.run, self.seconds = action, a_planned_run(action, HOSTS), 0.0
        self.dispatched: list[AttemptKey] = []
        self.look()

    def look(self, *ends: Any) -> None:
        move = advance(self.run, self.action, ends, at(self.seconds))
        self.run = move.run
        self.dispatched += move.dispatch

    @property
    def under_way(self) -> list[tuple[str, int]]:
        """The step and the invocation of every attempt under way."""
        keys = map(attempt_key, attempts_under_way(self.run))
        return [(self.action.steps[key.step_index].name, key.invocation) for key in keys]

    def end(self, state: AttemptState = "succeeded", *, only: set[int] | None = None) -> "Rolling":
        """End what is under way, or those of these invocations; the others succeed."""
        ends = []
        for attempt in attempts_under_way(self.run):
            ended = state if only is None or attempt_key(attempt).invocation in only else "succeeded"
            ends.append(a_finish(attempt, ended, None if ended == "succeeded" else "exit_status"))
        self.look(*ends)
        return self

    def tell(self, kind: str) -> "Rolling":
        control = Control.model_validate({"kind": kind, "by": "admin", "at": NOON})
        self.run = self.run.model_copy(update={"controls": [*self.run.controls, control]})
        self.look()
        return self

    def counts(self, step: int) -> dict[str, int]:
        wide = self.run.steps[step].invocations
        assert wide is not None
        return wide.counts

    @property
    def states(self) -> list[str]:
        return [step.state for step in self.run.steps]


def test_a_check_that_names_no_provider_is_run_on_those_of_the_batch() -> None:
    story = Rolling(rolled())
    seen = []
    while story.under_way != [("after", 0)]:
        seen.append(story.under_way)
        story.end()
    assert seen == [
        [("restart", 0)],
        [("verify", 0)],
        [("restart", 1), ("restart", 2)],
        [("verify", 1), ("verify", 2)],
        [("restart", 3), ("restart", 4), ("restart", 5)],
        [("verify", 3), ("verify", 4), ("verify", 5)],
    ]
    story.end()
    assert (story.run.state, story.states) == ("succeeded", ["succeeded"] * 3)
    assert [entry.event for entry in story.run.timeline if entry.step == "verify"] == ["step.queued", "step.finished"]


def test_a_check_that_names_the_same_providers_as_the_step_is_run_on_those_of_the_batch_too() -> None:
    story = Rolling(rolled({"providers": HOSTS}))
    assert story.end().under_way == [("verify", 0)]


def test_a_check_on_another_provider_is_run_there_after_each_batch() -> None:
    story = Rolling(rolled({"provider": "host-5"}))
    checks = 0
    while story.under_way != [("after", 0)]:
        checks += story.under_way[0][0] == "verify"
        story.end()
    assert checks == 3
    assert story.counts(1) == {"succeeded": 3}


def test_a_check_that_fails_stops_the_rollout_and_fails_the_step() -> None:
    story = Rolling(rolled()).end().end().end().end("failed", only={2})
    assert (story.run.state, story.run.reason, story.states) == (
        "failed",
        "exit_status",
        ["failed", "failed", "skipped"],
    )
    assert story.counts(0) == {"succeeded": 3, "skipped": 3}
    assert story.counts(1) == {"succeeded": 2, "failed": 1, "skipped": 3}
    assert story.run.reason_text == "step 'restart': its check 'verify' failed after batch 2 of 3, and 3 were not begun"


def test_a_check_is_tried_again_before_it_counts_as_failed() -> None:
    story = Rolling(rolled({"retries": {"count": 1, "delay": 5}})).end().end("failed")
    assert story.under_way == []
    assert story.run.state == "running"
    story.seconds = 6
    story.look()
    assert story.under_way == [("verify", 0)]
    assert story.end().under_way == [("restart", 1), ("restart", 2)]


def test_where_the_step_failed_nothing_is_checked_and_within_the_threshold_it_goes_on() -> None:
    story = Rolling(rolled(rollout={"max_failures": "50%"}))
    story.end("failed")
    assert story.under_way == [("restart", 1), ("restart", 2)], (
        "the first batch failed whole: there is nothing to check"
    )
    story.end("failed", only={1})
    assert story.under_way == [("verify", 2)]
    story.end().end().end().end()
    assert (story.run.state, story.states) == ("succeeded", ["succeeded"] * 3)
    assert story.run.steps[0].reason_text == "it failed on 2 of 6 providers"
    assert story.counts(1) == {"succeeded": 4, "skipped": 2}


def test_beyond_the_threshold_what_has_not_begun_is_left_out() -> None:
    story = Rolling(rolled(rollout={"batches": [4], "max_failures": 1})).end("failed", only={1, 3})
    assert (story.run.state, story.states) == ("failed", ["failed", "skipped", "skipped"])
    assert story.counts(0) == {"succeeded": 2, "failed": 2, "skipped": 2}
    assert (story.run.steps[1].reason, story.run.steps[1].reason_text) == ("condition", "step 'restart' failed")
    ends = [
        (entry.step, entry.event, entry.text) for entry in story.run.timeline if entry.step and entry.state != "queued"
    ]
    assert ends[:2] == [
        ("restart", "step.finished", "it failed on 2 of 6 providers, and 2 were not begun"),
        ("verify", "step.skipped", "step 'restart' failed"),
    ], "why the check was not run is told after what it follows from"


def test_a_check_of_a_step_that_succeeded_nowhere_says_so() -> None:
    story = Rolling(rolled(rollout={"batches": [], "max_failures": "100%"})).end("failed")
    assert story.states[:2] == ["succeeded", "skipped"]
    assert story.run.steps[1].reason_text == "step 'restart' succeeded on no provider"


def test_with_continue_the_run_goes_on_after_a_rollout_that_failed() -> None:
    story = Rolling(rolled({"on_failure": "continue"}, on_failure="continue")).end().end("failed")
    assert story.under_way == [("after", 0)]
    assert story.end().run.state == "succeeded"


def test_a_cancel_ends_the_check_under_way_and_leaves_the_rest_out() -> None:
    story = Rolling(rolled()).end().tell("cancel")
    story.end("cancelled")
    assert (story.run.state, story.states) == ("cancelled", ["cancelled", "cancelled", "skipped"])
    assert story.counts(0) == {"succeeded": 1, "skipped": 5}


def test_a_pause_lets_the_check_wait() -> None:
    story = Rolling(rolled()).tell("pause").end()
    assert story.under_way == []
    assert story.run.waiting_for is not None
    assert story.tell("resume").under_way == [("verify", 0)]


def test_a_check_of_a_step_that_is_passed_over_is_passed_over_too() -> None:
    story = Rolling(rolled(when="previous_failure"))
    assert story.under_way == [("after", 0)]
    assert story.states[:2] == ["skipped", "skipped"]
    assert story.run.steps[1].reason_text == "step 'restart' was not run"


def test_a_check_whose_outcome_nobody_knows_leaves_the_run_unknown() -> None:
    story = Rolling(rolled()).end().end("unknown")
    assert (story.run.state, story.states) == ("unknown", ["failed", "unknown", "skipped"])


def test_on_one_provider_a_check_is_run_once() -> None:
    action = rolled(providers=HOSTS[:1])
    story = Rolling(action)
    assert (story.run.steps[0].provider, story.run.steps[1].provider) == (HOSTS[0], HOSTS[0])
    assert story.end().under_way == [("verify", 0)]
    assert story.end().end().run.state == "succeeded"


def test_on_one_provider_a_failure_within_the_threshold_is_one_too() -> None:
    action = an_action({"name": "only", "providers": HOSTS[:1], "command": "true", "rollout": {"max_failures": "10%"}})
    story = Rolling(action).end("failed")
    assert (story.run.state, story.run.steps[0].provider) == ("succeeded", HOSTS[0])
    assert story.run.steps[0].reason_text == "it failed on 1 of 1 providers"


rollouts = st.fixed_dictionaries(
    {},
    optional={
        "max_parallel": st.integers(1, 7),
        "batches": st.lists(st.one_of(st.integers(1, 7), st.sampled_from(["1%", "30%", "100%"])), max_size=3),
        "max_failures": st.sampled_from([0, 1, "50%", "100%"]),
    },
)
checks = st.sampled_from([{}, {"provider": "host-5"}, {"providers": HOSTS[3:5]}])
happenings = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 6), st.sampled_from(["succeeded", "succeeded", "succeeded", "failed", "unknown"])),
        st.sampled_from([("pause", ""), ("resume", ""), ("cancel", "")]),
        st.integers(0, 100).map(lambda seconds: ("wait", seconds)),
    ),
    max_size=40,
)


@pytest.mark.parametrize("has_check", [True, False])
@given(rollouts, checks, st.integers(0, 2), happenings)
def test_whatever_happens_a_rollout_keeps_its_promises_and_ends(
    has_check: bool, rollout: dict[str, Any], check: dict[str, Any], retries: int, events: list[Any]
) -> None:
    rollout = rollout if has_check else {**rollout, "check": None}
    check = check if has_check else {"provider": "host-5"}
    story = Rolling(rolled({"retries": retries, **check}, rollout={"batches": [], **rollout}, retries=retries))
    require_promises(story, rollout)
    for kind, detail in [*events, ("resume", "")]:
        happen(story, kind, detail)
        require_promises(story, rollout)
    for _ in range(300):
        if story.run.state in ENDED:
            break
        happen(story, "wait", 10_000)
        story.end()
        require_promises(story, rollout)
    assert story.run.state in ENDED
    assert all(step.state in STEP_ENDED for step in story.run.steps)
    assert sum(story.counts(0).values()) == len(HOSTS)


def happen(story: Rolling, kind: Any, detail: Any) -> None:
    if kind == "wait":
        story.seconds += detail
        story.look()
    elif isinstance(kind, str):
        if story.run.state not in ENDED:
            story.tell(kind)
    elif under_way := attempts_under_way(story.run):
        attempt = under_way[kind % len(under_way)]
        story.look(a_finish(attempt, detail, None if detail == "succeeded" else "lost"))


def require_promises(story: Rolling, rollout: dict[str, Any]) -> None:
    run: Run = story.run
    assert not [key for key, times in Counter(story.dispatched).items() if times > 1], "an attempt was made twice"
    restarts = [index for step, index in story.under_way if step == "restart"]
    verifies = [index for step, index in story.under_way if step == "verify"]
    assert len(restarts) + len(verifies) <= rollout.get("max_parallel", 100)
    if "check" not in rollout:
        assert not (restarts and verifies), "a batch began before the one before was checked"
    if run.state not in ENDED:
        assert run.wake_at is not None, "nobody would ever look at this run again"
        assert (
            story.under_way
            or run.waiting_for
            or any(step.due_at or (step.invocations and step.invocations.due) for step in run.steps)
        ), "the run waits for nothing"
    again = advance(run, story.action, (), at(story.seconds)).run
    assert again.timeline == run.timeline, "another look changed something"
