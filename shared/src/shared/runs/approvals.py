"""The rules of approvals: who may decide about a run, which decisions count, and when there are enough. Pure, but for
reading who somebody is by now.

What people decided stands among the run's controls, and what it comes to is worked out from these whenever it is asked:
by different principals, each of whom may still decide, before the approval expired. So it comes to the same whoever
looks, and however late.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.collections import TOKENS
from shared.contracts.approval import ROLE, USER, Approval, GivenApproval, PendingApproval
from shared.contracts.presentation import length_text
from shared.contracts.principal import GRANTS, Permission, Principal, Token
from shared.contracts.run import DECISIONS, Control, Run, RunSummary
from shared.store.port import DocumentStore

APPROVE: Permission = "runs.approve"
MOST_NAMED = 3
"""Approvers in one sentence."""


def pending_approval(
    approval: Approval, asked_at: datetime, step: str | None = None, *, following: Approval | None = None
) -> PendingApproval:
    """What a run waits for from this instant on, and what after it."""
    return PendingApproval(
        step=step,
        approvers=list(approval.approvers),
        needed=approval.count,
        allow_requester=approval.allow_requester,
        on_expiry=approval.on_expiry,
        asked_at=asked_at,
        expires_at=asked_at + timedelta(seconds=approval.expires),
        following=following,
    )


def why_not(run: RunSummary, pending: PendingApproval, principal: Principal) -> str | None:
    """Why this principal may not decide, in a sentence; none where it may."""
    if not principal.may(APPROVE):
        return f"'{principal.name}' may approve nothing"
    if principal.kind != "person":
        return f"'{principal.name}' is a service, and only people approve"
    if principal.id == run.trigger.principal_id and not pending.allow_requester:
        return f"'{principal.name}' asked for the run, so somebody else has to decide"
    if not any(_fits(approver, principal) for approver in pending.approvers):
        return f"'{principal.name}' is none of those who may decide: {approvers_text(pending.approvers)}"
    return None


def _fits(approver: str, principal: Principal) -> bool:
    if approver.startswith(USER):
        return principal.name == approver.removeprefix(USER)
    role = approver.removeprefix(ROLE)
    return any(role == name and grants <= principal.grants for name, grants in GRANTS.items())


class DecisionRefusedError(Exception):
    """There is nothing to decide, or something else; nothing was decided."""


class DecisionForbiddenError(DecisionRefusedError):
    """It is not for this principal to decide."""


class Decided(NamedTuple):
    """What people's decisions come to."""

    given: list[Control]
    """The approvals that count, in their order, up to as many as are needed."""
    rejected: Control | None
    """The first rejection that counts, if it came before there were enough approvals."""


def decided(run: Run, pending: PendingApproval, may: Callable[[Control], bool]) -> Decided:
    """What the decisions about a run come to; ``may`` says of whose they are whether they may decide by now."""
    given: dict[str | None, Control] = {}
    for control in decisions(run, pending):
        if not may(control):
            continue
        if control.kind == "reject":
            return Decided(list(given.values()), control)
        given.setdefault(control.principal_id, control)
        if len(given) == pending.needed:
            break
    return Decided(list(given.values()), None)


def decided_so_far(run: Run) -> Decided | None:
    """What all decisions about what a run waits for come to, those that the scheduler has not looked at included; none
    where it waits for nobody.
    """
    if run.approval is None:
        return None
    counted, new = {one.principal_id for one in run.approval.given}, run.controls[run.consumed :]
    return decided(run, run.approval, lambda one: one in new or one.principal_id in counted)


def decisions(run: Run, pending: PendingApproval) -> list[Control]:
    """What was decided about this in time, by whomever."""
    return [
        control
        for control in run.controls
        if is_about(control, pending) and control.digest == run.plan_digest and control.at < pending.expires_at
    ]


def is_about(control: Control, pending: PendingApproval) -> bool:
    """Whether somebody decides about this."""
    return control.kind in DECISIONS and control.step == pending.step


def given_of(controls: Iterable[Control]) -> list[GivenApproval]:
    """Approvals, as they are kept and shown."""
    return [
        GivenApproval(by=one.by, principal_id=one.principal_id or "", at=one.at, comment=one.comment)
        for one in controls
    ]


def approvers_text(approvers: Iterable[str]) -> str:
    """``an operator, ann or bob``: who may decide."""
    names = [f"{_article(role)} {role}" if (role := _role(one)) else one.removeprefix(USER) for one in approvers]
    if len(names) > MOST_NAMED:
        names = [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _role(approver: str) -> str:
    return approver.removeprefix(ROLE) if approver.startswith(ROLE) else ""


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def needed_text(pending: PendingApproval, given: int) -> str:
    """What is waited for: ``it needs the approval of an operator``, ``it has 1 of 2 approvals by …``."""
    who, what = approvers_text(pending.approvers), "it" if pending.step is None else f"step '{pending.step}'"
    after = "" if pending.following is None else f", and then of {approvers_text(pending.following.approvers)}"
    if given or pending.needed > 1:
        return f"{what} has {given} of the {pending.needed} approvals by {who} that it needs{after}"
    return f"{what} needs the approval of {who}{after}"


def expired_text(pending: PendingApproval, given: int) -> str:
    """That too few have approved in time."""
    took = length_text((pending.expires_at - pending.asked_at).total_seconds())
    of_step = "" if pending.step is None else f" of step '{pending.step}'"
    many = "nobody approved" if not given else f"only {given} of {pending.needed} approved"
    return f"{many}{of_step} within the {took} that its approval allows"


async def principals_of(store: DocumentStore, controls: Iterable[Control]) -> Mapping[str, Principal]:
    """By their ids the principals of what was decided, as far as they are there, with what they may do by now."""
    names = {control.principal_id: control.by for control in controls if control.kind in DECISIONS}
    found: dict[str, Principal] = {}
    for uid, name in names.items():
        document = await store.get(TOKENS, name)
        token = None if document is None else Token.model_validate(document)
        if token is not None and token.uid == uid:
            found[token.uid] = token.principal
    return found
