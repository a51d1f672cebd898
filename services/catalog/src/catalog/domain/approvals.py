"""What people are asked to decide about runs, as one of them is shown it, and what comes of their decisions. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from catalog.domain.run_views import approval_view, shown_parameters
from catalog.domain.views import PendingApprovalView, RunActionView, TriggerView
from shared.contracts.principal import Principal
from shared.contracts.run import ENDED, Control, Run
from shared.contracts.values import instant_text
from shared.runs.approvals import DecisionForbiddenError, DecisionRefusedError, decided_so_far, given_of, why_not
from shared.runs.repository import is_cancel_requested


class ApprovalItemView(PendingApprovalView):
    """Something that waits for people to decide."""

    run_id: str = Field(examples=["01JX3Q7W8Z5V9K2M4N6P8R0S2T"])
    action: RunActionView
    parameters: dict[str, JsonValue] = Field(examples=[{"host": "web-1", "service": "nginx"}])
    """As bound. A secret shows its name, or dots where its value was given."""
    rerun_of: str | None
    """The run that would be done again, where it is one that was there before."""
    requested_by: TriggerView
    may_i: bool
    """Whether you may decide about it now."""
    why_not: str | None
    """Why you may not, in a sentence."""


@dataclass(frozen=True)
class RunDecision:
    """What somebody decides about a run."""

    kind: Literal["approve", "reject"]
    comment: str = ""
    digest: str | None = None
    """Of the plan that they looked at; none: whatever the run executes, which nothing changes."""
    step: str | None = None
    """The step that they decide about; none: whatever the run waits with."""


def approval_item(run: Run, caller: Principal, now: datetime) -> ApprovalItemView | None:
    """What a run waits for, as the caller sees it; none where nobody has to decide any more."""
    found = decided_so_far(run)
    shown = approval_view(run, given_of(found.given) if found else ())
    if shown is None or run.approval is None or found is None or is_cancel_requested(run):
        return None
    if found.rejected is not None or len(found.given) >= run.approval.needed or run.approval.expires_at <= now:
        return None
    refusal = why_not(run, run.approval, caller)
    try:
        control_of(run, caller, RunDecision("approve"), now)
    except DecisionRefusedError as error:
        refusal = refusal or str(error)
    return ApprovalItemView.model_validate(
        {
            **shown.model_dump(),
            "run_id": run.id,
            "action": RunActionView.model_validate(run.action),
            "parameters": shown_parameters(run),
            "rerun_of": run.rerun_of,
            "requested_by": TriggerView.model_validate(run.trigger),
            "may_i": refusal is None,
            "why_not": refusal,
        }
    )


def control_of(run: Run, caller: Principal, decision: RunDecision, now: datetime) -> Control:
    """What a run is told by a decision; ``DecisionForbiddenError`` where it is not the caller's to decide,
    ``DecisionRefusedError`` where there is nothing to decide, or something else.
    """
    pending, found = run.approval, decided_so_far(run)
    if pending is None or found is None or is_cancel_requested(run) or run.state in ENDED:
        is_so = "is to end" if is_cancel_requested(run) else f"is {run.state}"
        where = "; see what does with: opsimate approvals"
        raise DecisionRefusedError(f"the run '{run.id}' waits for nobody's approval: it {is_so}{where}")
    if (reason := why_not(run, pending, caller)) is not None:
        raise DecisionForbiddenError(f"{reason}; nothing was decided")
    if decision.step is not None and decision.step != pending.step:
        waits = "itself" if pending.step is None else f"with its step '{pending.step}'"
        raise DecisionRefusedError(f"the run '{run.id}' does not wait with its step '{decision.step}', but {waits}")
    if decision.digest is not None and decision.digest != run.plan_digest:
        message = f"the digest is not that of the run '{run.id}': look at what it executes, and decide about that"
        raise DecisionRefusedError(message)
    if now >= pending.expires_at:
        raise DecisionRefusedError(f"the time to decide about it ended at {instant_text(pending.expires_at)}")
    if found.rejected is not None:
        raise DecisionRefusedError(f"{found.rejected.by} has rejected it already")
    if len(found.given) >= pending.needed:
        raise DecisionRefusedError("it has all the approvals that it needs already")
    if decision.kind == "approve" and caller.id in [control.principal_id for control in found.given]:
        raise DecisionRefusedError(
            f"'{caller.name}' has approved it already; {pending.needed} different people have to"
        )
    return Control(
        kind=decision.kind,
        by=caller.name,
        principal_id=caller.id,
        at=now,
        comment=decision.comment,
        step=pending.step,
        digest=run.plan_digest,
        origin=caller.origin,
    )
