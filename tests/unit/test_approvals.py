"""Approvals: who may decide, which decisions count, and what a run does meanwhile; the rules, one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from catalog.domain.approvals import RunDecision, approval_item, control_of
from catalog.domain.checks import check_action
from catalog.domain.explanation import explanation
from catalog.domain.run_views import run_view
from scheduler.domain.conditions import Answers, ConditionAnswer
from scheduler.domain.progress import advance
from scheduler.domain.steps import Move
from shared.contracts.action import ActionDefinition
from shared.contracts.approval import Approval
from shared.contracts.attempt import attempt_id
from shared.contracts.principal import GRANTS, Principal, PrincipalKind, Role
from shared.contracts.run import Control, ControlKind, Run, WaitingFor
from shared.contracts.slot import SlotAnswer
from shared.runs.approvals import DecisionForbiddenError, DecisionRefusedError, approvers_text, pending_approval
from tests.builders import NOON, a_finish, a_run, a_step, an_action, at, compiled

DIGEST = "aa.bb"


def a_person(name: str, role: Role = "operator", kind: PrincipalKind = "person") -> Principal:
    return Principal(f"uid-{name}", name, kind, GRANTS[role], role)


ANN, BOB, CAROL = a_person("ann"), a_person("bob"), a_person("carol")
ADMIN = a_person("admin", "administrator")


class Deciding:
    """A run that waits for people, told event by event."""

    def __init__(self, action: ActionDefinition, asked: Approval | None = None, **fields: Any) -> None:
        self.action, self.answers = action, Answers()
        self.known: dict[str, Principal] = {one.id: one for one in (ANN, BOB, CAROL, ADMIN)}
        run = a_run(action)
        run.trigger.principal_id = ADMIN.id
        approval = asked or action.execution.approval
        following = action.execution.approval if asked is not None else None
        if approval is not None:
            run.state, run.timeline[0].event = "awaiting_approval", "run.awaiting_approval"
            run.approval = pending_approval(approval, NOON, following=following)
        self.run = run.model_copy(update={"plan_digest": DIGEST, **fields})
        self.asked: list[object] = []
        self.dispatched: list[tuple[int, int]] = []
        self.look()

    def look(self, seconds: float = 0, *, ends: Sequence[str] = ()) -> "Deciding":
        finished = [a_finish(one) for one in ends]
        answers = self.answers
        while (move := self._advanced(seconds, finished, answers)).asks is not None:
            self.asked.append(move.asks)
            assert move.asks == "approval"
            answers = replace(answers, principals=self.known)
        self.run = move.run
        self.dispatched += [(key.step_index, key.number) for key in move.dispatch]
        return self

    def _advanced(self, seconds: float, finished: Sequence[Any], answers: Answers) -> Move:
        return advance(self.run, self.action, finished, at(seconds), answers)

    def tell(self, kind: ControlKind, who: Principal = BOB, seconds: float = 0, comment: str = "") -> "Deciding":
        """As somebody tells a run who need not ask first."""
        step = self.run.approval.step if self.run.approval is not None else None
        control = Control(
            kind=kind,
            by=who.name,
            principal_id=who.id,
            at=NOON + timedelta(seconds=seconds),
            comment=comment,
            step=step,
            digest=DIGEST,
        )
        return self.told(control, seconds)

    def told(self, control: Control, seconds: float = 0) -> "Deciding":
        self.run = self.run.model_copy(update={"controls": [*self.run.controls, control]})
        return self.look(seconds)

    def decide(self, who: Principal, kind: Any = "approve", seconds: float = 0, **decision: Any) -> "Deciding":
        """As the catalog takes it."""
        control = control_of(self.run, who, RunDecision(kind, **decision), NOON + timedelta(seconds=seconds))
        return self.told(control, seconds)

    @property
    def events(self) -> list[str]:
        return [entry.event for entry in self.run.timeline]

    @property
    def sentences(self) -> list[str]:
        return explanation(self.run, {}).sentences


def waiting(**approval: Any) -> ActionDefinition:
    return an_action(a_step("a"), execution={"approval": approval or "required"})


def waiting_step(*more: Mapping[str, Any], **approval: Any) -> ActionDefinition:
    return an_action(a_step("a"), a_step("b", approval=approval or "required"), *map(dict, more))


def at_step(action: ActionDefinition) -> Deciding:
    """A run that waits with its second step."""
    story = Deciding(action)
    return story.look(1, ends=[attempt_id(story.run.id, 0, 0, 1)])


def test_required_is_short_for_one_operator_who_did_not_ask_within_an_hour() -> None:
    approval = waiting().execution.approval
    assert approval == Approval(approvers=["role:operator"], count=1, allow_requester=False, expires=3600)
    assert an_action(a_step()).needs_approval() is False
    assert waiting_step().needs_approval()


@pytest.mark.parametrize(
    ("approval", "said"),
    [
        ("requird", "has to be 'required'"),
        (["role:operator"], "has to be 'required'"),
        ({"approvers": ["operator"]}, "write role:operator, or user:ann"),
        ({"approvers": ["role:operators"]}, "did you mean 'operator'?"),
        ({"approvers": ["role:viewer"]}, "no role 'viewer' that may approve"),
        ({"approvers": ["user:Ann B"]}, "write role:operator, or user:ann"),
        ({"approvers": []}, "at least 1"),
        ({"approvers": ["user:ann"], "count": 2}, "names only 1 person"),
        ({"count": 0}, "has to be at least 1"),
        ({"expires": "0s"}, "1 second"),
        ({"on_expiry": "approve"}, "has to be one of: reject, run"),
    ],
)
def test_an_approval_that_could_not_work_is_refused(approval: object, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        an_action(a_step(), execution={"approval": approval})
    assert said in str(refused.value)


def test_the_check_of_a_rollout_cannot_wait_for_people() -> None:
    rolled = a_step("a", provider=None, providers=["web-1", "web-2"], rollout={"check": "b"})
    action = an_action(rolled, a_step("b", approval="required"))
    assert [error.field for error in check_action(action)] == ["steps.1.approval"]


def test_a_run_waits_and_starts_once_it_is_approved() -> None:
    story = Deciding(waiting())
    assert (story.run.state, story.dispatched, story.run.steps[0].state) == ("awaiting_approval", [], "pending")
    assert story.run.waiting_for is not None
    assert (story.run.waiting_for.gate, story.run.waiting_for.why) == (
        "approval",
        "it needs the approval of an operator",
    )
    assert story.run.wake_at == story.run.waiting_for.until == NOON + timedelta(hours=1)
    now = "Now it waits: it needs the approval of an operator, until 2026-01-31 at 13:00:00 UTC."
    assert story.sentences[-1] == now
    story.decide(BOB, seconds=600, comment="looks right")
    assert (story.run.state, story.dispatched, story.run.approval) == ("running", [(0, 1)], None)
    assert story.events[1:4] == ["run.approval_given", "run.queued", "run.started"]
    assert story.run.deadline == NOON + timedelta(seconds=600) + timedelta(days=1)
    story.run.timeline[0] = story.run.timeline[0].model_copy(update={"text": "it needs the approval of an operator"})
    assert story.sentences[1:4] == [
        "It waited 10m for a decision: it needs the approval of an operator.",
        "bob approved it on 2026-01-31 at 12:10:00 UTC: looks right.",
        "It started on 2026-01-31 at 12:10:00 UTC.",
    ]


def test_a_rejection_ends_the_run_and_nothing_ran() -> None:
    story = Deciding(waiting(count=2)).decide(BOB).decide(CAROL, "reject", comment="too risky")
    assert (story.run.state, story.run.reason, story.run.reason_text) == (
        "rejected",
        "rejected",
        "rejected by carol: too risky",
    )
    assert (story.run.approval, story.dispatched, story.run.started_at) == (None, [], None)
    assert story.run.steps[0].reason_text == "the run was rejected"


def test_so_many_different_people_have_to_approve() -> None:
    story = Deciding(waiting(count=2)).tell("approve", BOB).tell("approve", BOB)
    assert story.run.state == "awaiting_approval"
    assert story.run.waiting_for is not None
    assert story.run.waiting_for.why == "it has 1 of the 2 approvals by an operator that it needs"
    assert story.events[-2:] == ["run.approval_given", "run.approval_ignored"]
    with pytest.raises(DecisionRefusedError, match="'bob' has approved it already"):
        story.decide(BOB)
    assert story.decide(CAROL).run.state == "running"


def test_one_who_came_again_under_the_same_name_is_somebody_else() -> None:
    story = Deciding(waiting(count=2)).decide(BOB)
    again = Principal("uid-other", "bob", "person", GRANTS["operator"], "operator")
    story.known[again.id] = again
    assert story.decide(again).run.state == "running"


def test_the_right_to_approve_is_asked_again_when_it_is_counted() -> None:
    story = Deciding(waiting(count=2)).decide(BOB)
    del story.known[BOB.id]
    assert story.decide(CAROL).run.state == "awaiting_approval"
    assert story.run.approval is not None
    assert [one.by for one in story.run.approval.given] == ["carol"]
    told = [(entry.event, entry.by, entry.text) for entry in story.run.timeline[-2:]]
    lost = ("run.approval_ignored", "bob", "'bob' is not known here any more")
    assert told == [lost, ("run.approval_given", "carol", None)]
    assert any("What bob decided about it" in one and "did not count" in one for one in story.sentences)
    assert story.look(5).events.count("run.approval_ignored") == 1, "it is told once"
    story.known[BOB.id] = a_person("bob", "viewer")
    assert story.tell("approve", BOB).run.state == "awaiting_approval"
    assert story.run.timeline[-1].text == "'bob' may approve nothing"
    assert story.decide(ANN).run.state == "running"


@pytest.mark.parametrize(
    ("who", "approval", "said"),
    [
        (ADMIN, {}, "'admin' asked for the run"),
        (a_person("vera", "viewer"), {}, "'vera' may approve nothing"),
        (a_person("robot", kind="service"), {}, "'robot' is a service"),
        (BOB, {"approvers": ["role:editor"]}, "'bob' is none of those who may decide: an editor"),
        (BOB, {"approvers": ["user:ann", "user:carol"]}, "'bob' is none of those who may decide: ann or carol"),
    ],
)
def test_who_may_not_decide_is_told_so_and_does_not_count(who: Principal, approval: dict[str, Any], said: str) -> None:
    story = Deciding(waiting(**approval))
    for kind in ("approve", "reject"):
        with pytest.raises(DecisionForbiddenError) as refused:
            story.decide(who, kind)
        assert said in str(refused.value)
    story.known[who.id] = who
    story.tell("approve", who).tell("reject", who)
    assert story.run.state == "awaiting_approval"
    assert said in str(story.run.timeline[-1].text)
    item = approval_item(story.run, who, NOON)
    assert item is not None
    assert (item.may_i, said in str(item.why_not)) == (False, True)


@pytest.mark.parametrize(
    ("who", "approval"),
    [
        (ADMIN, {"allow_requester": True}),
        (a_person("eve", "editor"), {}),
        (a_person("eve", "editor"), {"approvers": ["role:editor"]}),
        (BOB, {"approvers": ["role:administrator", "user:bob"]}),
    ],
)
def test_who_may_decide_does(who: Principal, approval: dict[str, Any]) -> None:
    story = Deciding(waiting(**approval))
    story.known[who.id] = who
    item = approval_item(story.run, who, NOON)
    assert item is not None
    assert item.may_i
    assert story.decide(who).run.state == "running"


def test_where_no_person_asked_everybody_who_may_can_decide() -> None:
    story = Deciding(waiting())
    story.run.trigger.kind, story.run.trigger.principal_id = "schedule", None
    story.answers = Answers(window="open")
    assert story.decide(ADMIN).run.state == "running"


def test_another_digest_or_step_is_another_matter() -> None:
    story = Deciding(waiting())
    with pytest.raises(DecisionRefusedError, match="digest"):
        story.decide(BOB, digest="bb.cc")
    with pytest.raises(DecisionRefusedError, match="does not wait with its step 'b'"):
        story.decide(BOB, step="b")
    stray = Control(kind="approve", by="bob", principal_id=BOB.id, at=NOON, digest="bb.cc")
    assert story.told(stray).run.state == "awaiting_approval"
    assert story.run.timeline[-1].text == "it is about something else"
    assert story.decide(BOB, digest=DIGEST).run.state == "running"


@pytest.mark.parametrize(("on_expiry", "state"), [("reject", "expired"), ("run", "running")])
def test_an_approval_expires_to_the_moment(on_expiry: str, state: str) -> None:
    story = Deciding(waiting(count=2, expires="1m", on_expiry=on_expiry)).decide(BOB)
    assert story.look(59.9).run.state == "awaiting_approval"
    assert story.look(60).run.state == state
    assert story.run.approval is None
    text = "only 1 of 2 approved within the 1m that its approval allows"
    if state == "expired":
        assert (story.run.reason, story.run.reason_text) == ("expired", text)
    assert any(text in str(entry.text) for entry in story.run.timeline if entry.event == "run.approval_expired")
    with pytest.raises(DecisionRefusedError, match="waits for nobody"):
        story.decide(CAROL, seconds=61)


def test_who_decided_in_time_counts_however_late_that_is_looked_at() -> None:
    story = Deciding(waiting(expires="1m"))
    control = control_of(story.run, BOB, RunDecision("approve"), NOON + timedelta(seconds=59))
    assert story.told(control, 3_000).run.state == "running"


def test_who_decides_too_late_does_not_count_though_nobody_has_looked() -> None:
    story = Deciding(waiting(expires="1m", on_expiry="run"))
    with pytest.raises(DecisionRefusedError, match="ended at 2026-01-31T12:01:00"):
        story.decide(BOB, "reject", seconds=60)
    assert approval_item(story.run, BOB, NOON + timedelta(seconds=60)) is None
    late = Control(kind="reject", by="bob", principal_id=BOB.id, at=NOON + timedelta(seconds=60), digest=DIGEST)
    assert story.told(late, 61).run.state == "running"


def test_what_was_decided_first_holds() -> None:
    story = Deciding(waiting())
    yes = control_of(story.run, BOB, RunDecision("approve"), NOON)
    no = control_of(story.run, CAROL, RunDecision("reject"), NOON)
    story.run.controls.append(yes)
    assert story.told(no).run.state == "running"
    other = Deciding(waiting())
    other.run.controls.append(no)
    assert other.told(yes).run.state == "rejected"


def test_what_was_decided_a_moment_ago_is_shown_and_holds() -> None:
    story = Deciding(waiting(count=2))
    story.run.controls.append(control_of(story.run, BOB, RunDecision("approve", "fine"), NOON))
    shown = run_view(story.run, []).approval
    assert shown is not None
    assert [(one.by, one.comment) for one in shown.given] == [("bob", "fine")]
    with pytest.raises(DecisionRefusedError, match="approved it already"):
        story.decide(BOB)
    story.run.controls.append(control_of(story.run, CAROL, RunDecision("approve"), NOON))
    assert approval_item(story.run, ANN, NOON) is None
    with pytest.raises(DecisionRefusedError, match="all the approvals"):
        story.decide(ANN)


def test_after_its_approval_a_run_waits_for_its_time() -> None:
    story = Deciding(waiting(), not_before=NOON + timedelta(hours=2))
    story.decide(BOB, seconds=60)
    assert (story.run.state, story.run.wake_at) == ("delayed", NOON + timedelta(hours=2))
    assert story.look(7_200).run.state == "running"
    assert story.events[:5] == [
        "run.awaiting_approval",
        "run.approval_given",
        "run.delayed",
        "run.queued",
        "run.started",
    ]


def test_a_maintenance_window_holds_what_was_approved() -> None:
    story = Deciding(waiting())
    story.run.trigger.kind = "schedule"
    until = NOON + timedelta(hours=3)
    story.answers = Answers(
        window=WaitingFor(gate="window", why="the maintenance window 'freeze' holds it", until=until)
    )
    story.decide(BOB)
    assert (story.run.state, story.run.wake_at, story.run.approval) == ("delayed", until, None)
    story.answers = Answers(window="open")
    assert story.look(3 * 3_600).run.state == "running"


def test_a_run_that_waits_for_people_holds_no_slot_and_asks_no_condition() -> None:
    limited = {"limit": 1}
    action = an_action(a_step("a"), concurrency=limited, condition="true", execution={"approval": "required"})
    story = Deciding(action)
    assert story.asked == []
    story.answers = Answers(
        conditions={"condition": ConditionAnswer(holds=True)}, slot=SlotAnswer(waits_behind="waiting for run x")
    )
    story.decide(BOB)
    assert story.run.waiting_for is not None
    assert (story.run.state, story.run.waiting_for.gate) == ("queued", "slot")


def test_a_condition_that_does_not_hold_after_the_approval_skips_the_run() -> None:
    story = Deciding(an_action(a_step("a"), condition="false", execution={"approval": "required"}))
    story.answers = Answers(conditions={"condition": ConditionAnswer(holds=False)})
    assert story.decide(BOB).run.state == "skipped"


@pytest.mark.parametrize("make", [lambda: Deciding(waiting()), lambda: at_step(waiting_step())])
def test_a_run_that_waits_for_people_can_be_cancelled(make: Any) -> None:
    story: Deciding = make()
    story.tell("cancel", comment="never mind")
    assert (story.run.state, story.run.approval) == ("cancelled", None)
    assert story.run.reason_text == "cancelled by bob: never mind"


def test_a_paused_run_is_approved_and_still_paused() -> None:
    story = Deciding(waiting()).tell("pause", ADMIN)
    assert story.run.waiting_for is not None
    assert (story.run.state, story.run.waiting_for.gate) == ("awaiting_approval", "approval")
    story.decide(BOB)
    assert (story.run.state, story.run.waiting_for.gate, story.dispatched) == ("running", "pause", [])
    assert story.tell("resume", ADMIN).dispatched == [(0, 1)]


def test_a_step_waits_for_its_own_approval_and_the_time_does_not_count() -> None:
    story = at_step(waiting_step(count=1, expires="10m"))
    deadline = story.run.deadline
    assert deadline is not None
    assert story.run.waiting_for is not None
    assert (story.run.state, story.run.waiting_for.gate) == ("running", "approval")
    assert story.run.waiting_for.why == "step 'b' needs the approval of an operator"
    assert (story.dispatched, story.run.steps[1].state) == ([(0, 1)], "pending")
    assert (story.run.progress.done, story.run.progress.current_step) == (1, None)
    story.decide(BOB, seconds=301, step="b")
    assert story.dispatched == [(0, 1), (1, 1)]
    assert story.run.deadline == deadline + timedelta(seconds=300)
    assert story.run.steps[1].is_approved
    story.look(302, ends=[attempt_id(story.run.id, 1, 0, 1)])
    assert story.run.state == "succeeded"
    assert any("bob approved its step 'b'" in sentence for sentence in story.sentences)


def test_a_run_does_not_time_out_while_a_step_waits_for_people() -> None:
    action = waiting_step(expires="1h").model_copy(
        update={"execution": waiting().execution.model_copy(update={"approval": None, "timeout": 60.0})}
    )
    assert at_step(action).look(1_000).run.state == "running"


@pytest.mark.parametrize(
    ("kind", "state", "why"),
    [("reject", "rejected", "the run was rejected"), ("expire", "expired", "the run was not approved in time")],
)
def test_a_step_that_is_not_approved_ends_the_run_after_its_cleanup(kind: str, state: str, why: str) -> None:
    never = a_step("never", when="always", approval="required")
    story = at_step(waiting_step(a_step("clean", when="always"), never, expires="10m"))
    story = story.decide(BOB, "reject", comment="no") if kind == "reject" else story.look(601)
    assert (story.run.state, story.dispatched) == ("running", [(0, 1), (2, 1)])
    story.look(602, ends=[attempt_id(story.run.id, 2, 0, 1)])
    assert (story.run.state, story.run.reason) == (state, state)
    assert [step.state for step in story.run.steps] == ["succeeded", "skipped", "succeeded", "skipped"]
    assert (story.run.steps[1].reason, story.run.steps[1].reason_text) == (state, why)
    assert "nobody is asked for any more" in str(story.run.steps[3].reason_text)


def test_a_step_whose_approval_expires_may_go_on() -> None:
    story = at_step(waiting_step(expires="10m", on_expiry="run"))
    assert story.look(601).dispatched == [(0, 1), (1, 1)]


def test_nobody_is_asked_about_a_step_that_does_not_run() -> None:
    action = an_action(a_step("a"), a_step("b", when="previous_failure", approval="required"))
    assert at_step(action).run.state == "succeeded"


def test_nobody_is_asked_about_a_step_of_which_a_pause_keeps_it_unknown_whether_it_runs() -> None:
    action = an_action(a_step("a"), a_step("b", when="steps.a.exit_status == 1", approval="required"))

    def paused(*, holds: bool) -> Deciding:
        story = Deciding(action).tell("pause", ADMIN)
        story.look(1, ends=[attempt_id(story.run.id, 0, 0, 1)])
        assert story.run.waiting_for is not None
        assert (story.run.approval, story.run.waiting_for.gate) == (None, "pause")
        story.answers = Answers(compiled(action), {1: ConditionAnswer(holds=holds)})
        return story.tell("resume", ADMIN)

    assert paused(holds=False).run.state == "succeeded"
    story = paused(holds=True).tell("pause", ADMIN)
    story.answers = Answers(compiled(action))
    story.look(5)
    assert (story.run.approval is not None, story.run.waiting_for is not None) == (True, True)
    assert story.run.waiting_for is not None
    assert (story.run.waiting_for.gate, story.run.wake_at) == ("approval", story.run.waiting_for.until)


def test_run_and_step_are_approved_one_after_the_other() -> None:
    action = an_action(a_step("a", approval="required"), execution={"approval": "required"})
    story = Deciding(action).decide(BOB)
    assert story.run.approval is not None
    assert (story.run.state, story.run.approval.step, story.dispatched) == ("running", "a", [])
    assert story.decide(BOB).dispatched == [(0, 1)]


def test_who_may_approve_what_a_rule_and_its_action_ask_for_approves_both_at_once() -> None:
    story = Deciding(waiting(approvers=["user:ann", "role:operator"]), Approval())
    assert story.run.approval is not None
    why = "it needs the approval of an operator, and then of ann or an operator"
    assert story.run.waiting_for is not None
    assert story.run.waiting_for.why == why
    assert story.decide(ANN).run.state == "running"
    assert story.events.count("run.approval_given") == 1
    assert "run.approval_ignored" not in story.events


def test_a_rule_and_its_action_are_approved_one_after_the_other_where_others_may() -> None:
    story = Deciding(waiting(approvers=["user:carol"], expires="10m"), Approval(approvers=["user:ann"]))
    with pytest.raises(DecisionForbiddenError):
        story.decide(CAROL)
    assert story.decide(ANN, seconds=60, comment="mine").run.state == "awaiting_approval"
    waits = story.run.approval
    assert waits is not None
    assert (waits.approvers, waits.given, waits.following) == (["user:carol"], [], None)
    assert waits.expires_at == NOON + timedelta(seconds=60 + 600)
    assert story.dispatched == []
    with pytest.raises(DecisionForbiddenError):
        story.decide(ANN, seconds=61)
    assert story.decide(CAROL, seconds=80).run.state == "running"
    assert [entry.by for entry in story.run.timeline if entry.event == "run.approval_given"] == ["ann", "carol"]
    assert story.sentences[1:5] == [
        "It waited 1m for a decision.",
        "ann approved it on 2026-01-31 at 12:01:00 UTC: mine.",
        "It waited 20s for a decision: it needs the approval of carol.",
        "carol approved it on 2026-01-31 at 12:01:20 UTC.",
    ]


def test_approvals_of_a_rule_count_towards_the_more_that_its_action_needs() -> None:
    story = Deciding(waiting(count=2), Approval())
    assert story.decide(ANN).run.state == "awaiting_approval"
    assert story.run.approval is not None
    assert ([one.by for one in story.run.approval.given], story.run.approval.needed) == (["ann"], 2)
    with pytest.raises(DecisionRefusedError):
        story.decide(ANN)
    assert story.decide(BOB).run.state == "running"
    assert story.events.count("run.approval_given") == 2


@pytest.mark.parametrize(
    ("of_rule", "of_action", "seconds", "state"),
    [
        ({"on_expiry": "run", "expires": "1m"}, {"expires": "1h"}, (60, 3659, 3660), "expired"),
        ({"on_expiry": "run", "expires": "1m"}, {"on_expiry": "run", "expires": "1h"}, (60, 3660), "running"),
        ({"expires": "1m"}, {"on_expiry": "run"}, (59, 60), "expired"),
    ],
)
def test_neither_of_two_approvals_is_left_out_when_the_other_expires(
    of_rule: dict[str, Any], of_action: dict[str, Any], seconds: Sequence[int], state: str
) -> None:
    story = Deciding(waiting(**of_action), Approval.model_validate(of_rule))
    for one in seconds[:-1]:
        assert story.look(one).run.state == "awaiting_approval"
    assert story.look(seconds[-1]).run.state == state


def test_a_rejection_of_the_second_approval_ends_the_run() -> None:
    story = Deciding(waiting(approvers=["user:carol"]), Approval()).decide(ANN).decide(CAROL, "reject")
    assert (story.run.state, story.dispatched) == ("rejected", [])


def test_of_two_approvals_that_came_at_once_each_counts_for_what_it_may() -> None:
    story = Deciding(waiting(approvers=["user:carol"]), Approval(approvers=["user:ann", "user:bob"]))
    controls = [control_of(story.run, ANN, RunDecision("approve"), NOON)]
    controls += [controls[0].model_copy(update={"by": one.name, "principal_id": one.id}) for one in (CAROL, BOB)]
    story.run = story.run.model_copy(update={"controls": controls})
    assert story.look(1).run.state == "running"
    assert [entry.by for entry in story.run.timeline if entry.event == "run.approval_given"] == ["ann", "carol"]
    ignored = [(one.by, one.text) for one in story.run.timeline if one.event == "run.approval_ignored"]
    assert ignored == [("bob", "'bob' is none of those who may decide: carol")]


def test_approvers_are_named_as_people_say_it() -> None:
    assert approvers_text(["role:operator", "user:ann"]) == "an operator or ann"
    assert approvers_text([f"user:{name}" for name in "abcde"]) == "a, b, c or 2 more"


deeds = st.lists(
    st.tuples(
        st.sampled_from(["approve", "reject", "pause", "resume", "cancel", "look", "end"]),
        st.sampled_from([ANN, BOB, CAROL, ADMIN]),
        st.integers(0, 40),
    ),
    max_size=12,
)


@given(deeds, st.integers(1, 3), st.booleans())
def test_nothing_that_needs_an_approval_begins_without_it(
    events: list[tuple[Any, Principal, int]], count: int, of_step: bool
) -> None:
    action = waiting_step(count=count, expires=100) if of_step else waiting(count=count, expires=100)
    story, seconds = at_step(action) if of_step else Deciding(action), 1.0
    guarded, deadline = (1 if of_step else 0), seconds + 100
    voted, is_over = set[str](), False
    for kind, who, pause in events:
        seconds += pause
        before: Run = story.run
        if kind == "end":
            ends = [attempt_id(before.id, guarded, 0, 1)] if (guarded, 1) in story.dispatched else []
            story.look(seconds, ends=ends)
        elif kind == "look" or before.ended_at is not None:
            story.look(seconds)
        else:
            is_over |= kind == "cancel" or (kind == "reject" and who is not ADMIN and seconds < deadline)
            if kind == "approve" and who is not ADMIN and seconds < deadline and not is_over:
                voted.add(who.name)
            story.tell(kind, who, seconds)
        if (guarded, 1) in story.dispatched:
            assert len(voted) >= count
    moment: datetime | None = story.run.wake_at
    assert (moment is None) == (story.run.ended_at is not None)
