"""What a run waits for people to decide: begun, followed, and settled. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from scheduler.domain.steps import Move
from shared.contracts.action import Step
from shared.contracts.approval import Approval, GivenApproval, PendingApproval
from shared.contracts.attempt import Reason
from shared.contracts.principal import Principal
from shared.contracts.run import DECISIONS, Control, TimelineEventName
from shared.contracts.step import StepProgress
from shared.runs.approvals import (
    decided,
    decisions,
    expired_text,
    given_of,
    is_about,
    needed_text,
    pending_approval,
    why_not,
)


class Stop(Protocol):
    """Has the run end before its time."""

    def __call__(self, reason: Reason, by: str | None = None, comment: str = "") -> None:
        """For this reason, as somebody said, if somebody did."""


class ApprovalTurn:
    """One turn of what a run waits for people to decide."""

    def __init__(self, move: Move, now: datetime, principals: Mapping[str, Principal] | None, stop: Stop) -> None:
        self._move, self._run, self._now, self._stop = move, move.run, now, stop
        self._principals = principals
        self._new = self._run.controls[self._run.consumed :]
        """What the run was told since the last turn."""

    def settle(self) -> bool:
        """Take note of what people decided, and of the time; false where it has to be asked who they are first."""
        pending = self._run.approval
        if pending is None:
            self._note_ignored(None, ())
            return True
        is_new = any(control.kind in DECISIONS for control in self._new)
        is_over = self._now >= pending.expires_at
        if not is_new and not is_over:
            return True
        return self._settled(pending, [], is_new=is_new)

    def is_needed(self, step: Step, progress: StepProgress) -> bool:
        """Whether the step has to be approved before it begins, and was not."""
        return step.approval is not None and not progress.is_approved

    def of_step(self, step: Step, progress: StepProgress) -> PendingApproval | None:
        """What is waited for before this step begins, from now on if it was not before; none where nothing is."""
        if step.approval is None or progress.is_approved:
            return None
        return self._run.approval or self._ask(step.approval, step.name)

    def _settled(self, pending: PendingApproval, before: Sequence[Control], *, is_new: bool) -> bool:
        """Settle this, and what follows it once it is open; ``before`` are the approvals of what it follows."""
        if self._principals is None and (is_new or decisions(self._run, pending)):
            self._move.asks = "approval"
            return False
        found = decided(self._run, pending, lambda control: self._why_not(pending, control) is None)
        pending = self._with_given(pending, found.given, before)
        counted = [*before, *found.given]
        if found.rejected is not None:
            control = found.rejected
            self._note_ignored(pending, [*counted, control])
            self._note("run.rejected", pending, reason="rejected", by=control.by, text=control.comment or None)
            self._stop("rejected", control.by, control.comment)
            return True
        if len(found.given) >= pending.needed:
            self._open(pending)
        elif self._now >= pending.expires_at:
            self._expire(pending)
        if (following := self._run.approval) is not None and following is not pending:
            return self._settled(following, counted, is_new=False)
        self._note_ignored(pending, counted)
        return True

    def _with_given(
        self, pending: PendingApproval, controls: Sequence[Control], before: Sequence[Control]
    ) -> PendingApproval:
        """What is waited for, with those who approved; says of each that they did, or do not count any more, where that
        was not said before.
        """
        counted = {control.principal_id for control in controls}
        for one in pending.given:
            if one.principal_id not in counted:
                self._note("run.approval_ignored", pending, by=one.by, text=self._why_not(pending, one))
        known = {*(one.principal_id for one in pending.given), *(one.principal_id for one in before)}
        for control in controls:
            if control.principal_id not in known:
                self._note("run.approval_given", pending, by=control.by, text=control.comment or None)
        if (given := given_of(controls)) != pending.given:
            self._move.changed = True
            pending = self._run.approval = pending.model_copy(update={"given": given})
        return pending

    def _ask(self, approval: Approval, step: str | None = None) -> PendingApproval:
        """Wait for people from now on."""
        pending = self._run.approval = pending_approval(approval, self._now, step)
        self._note("run.awaiting_approval", pending, text=needed_text(pending, 0), due_at=pending.expires_at)
        return pending

    def _expire(self, pending: PendingApproval) -> None:
        text = expired_text(pending, len(pending.given))
        if pending.on_expiry == "run":
            self._note("run.approval_expired", pending, text=f"{text}, and it goes on all the same")
            self._open(pending)
        else:
            self._note("run.approval_expired", pending, reason="expired", text=text)
            self._stop("expired", comment=text)

    def _open(self, pending: PendingApproval) -> None:
        """This is not waited for any more: what follows it is asked for, or the gate of the run, or of the step, is
        open.
        """
        self._run.approval = None
        self._move.changed = True
        if pending.following is not None:
            self._ask(pending.following)
        for step in self._run.steps:
            if step.name == pending.step:
                step.is_approved = True

    def _note_ignored(self, pending: PendingApproval | None, counted: Sequence[Control]) -> None:
        """Say of decisions that came since the last turn, and do not count, why."""
        for control in self._new:
            if control.kind in DECISIONS and not any(control is one for one in counted):
                why = "nothing waits for it" if pending is None else self._refusal(pending, control)
                text = why or "it came after enough others"
                self._move.note(self._now, "run.approval_ignored", by=control.by, text=text, step=control.step)

    def _refusal(self, pending: PendingApproval, control: Control) -> str | None:
        """Why a decision does not count; none where it does."""
        if not is_about(control, pending) or control.digest != self._run.plan_digest:
            return "it is about something else"
        if control.at >= pending.expires_at:
            return "it came after the approval had expired"
        return self._why_not(pending, control)

    def _why_not(self, pending: PendingApproval, whose: Control | GivenApproval) -> str | None:
        """Why whoever decided may not decide about this by now; none where they may."""
        principal = (self._principals or {}).get(whose.principal_id or "")
        if principal is None:
            return f"'{whose.by}' is not known here any more"
        return why_not(self._run, pending, principal)

    def _note(self, event: TimelineEventName, pending: PendingApproval, **details: object) -> None:
        self._move.note(self._now, event, step=pending.step, gate="approval", **details)
