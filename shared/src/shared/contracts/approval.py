"""Approvals: whose yes a run, or a step of one, needs before it goes on."""

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from shared.contracts.definition import Strict
from shared.contracts.distinct import Distinct
from shared.contracts.model import Model
from shared.contracts.problem import nearest
from shared.contracts.values import Duration, Flag, Instant, Whole, between, is_name

ApproverRole = Literal["operator", "editor", "administrator"]
MOST_APPROVERS, MOST_APPROVALS = 50, 20
LONGEST_EXPIRY = 30 * 86_400.0
ROLE, USER = "role:", "user:"


def _approver(text: str) -> str:
    kind, colon, name = text.partition(":")
    roles = get_args(ApproverRole)
    if f"{kind}{colon}" == ROLE:
        if name not in roles:
            message = (
                f"there is no role '{name}' that may approve{nearest(name, roles)}; say one of: {', '.join(roles)}"
            )
            raise ValueError(message)
        return text
    if f"{kind}{colon}" == USER and is_name(name):
        return text
    message = "is a role or a person: write role:operator, or user:ann"
    raise ValueError(message)


Approver = Annotated[
    str,
    AfterValidator(_approver),
    StringConstraints(max_length=100),
    Field(
        examples=["role:operator", "user:ann"],
        json_schema_extra={"pattern": rf"^({ROLE}({'|'.join(get_args(ApproverRole))})|{USER}[a-z0-9][a-z0-9._-]*)$"},
    ),
]
"""``role:`` with a role, which whoever has that one or a higher one fits, or ``user:`` with the name of a person."""


class Approval(Strict):
    """Who has to agree, how many of them, and what becomes of it where they do not."""

    approvers: Annotated[list[Approver], Field(min_length=1, max_length=MOST_APPROVERS), Distinct()] = ["role:operator"]
    """Whoever fits one of them may decide: ``role:operator`` (editors and administrators, too), ``user:NAME``."""
    count: Annotated[Whole, Field(ge=1, le=MOST_APPROVALS)] = 1
    """How many different people have to approve."""
    allow_requester: Flag = False
    """Whether who asked for the run may decide, too."""
    expires: Annotated[Duration, between(1, LONGEST_EXPIRY)] = 3_600.0
    """How long it is waited for them, in seconds."""
    on_expiry: Literal["reject", "run"] = "reject"
    """What becomes of a run that too few have approved by then: it ends as expired, or goes on without them."""

    @model_validator(mode="after")
    def can_be_given(self) -> "Approval":
        """Where people are named alone, they are enough."""
        people = len(self.approvers)
        if people < self.count and all(one.startswith(USER) for one in self.approvers):
            message = (
                f"count is {self.count}, and approvers names only {people} {'person' if people == 1 else 'people'}"
            )
            raise ValueError(message)
        return self


REQUIRED = "required"
"""Short for an approval by one operator who is not the requester, within an hour."""


def spelt_out(approval: object) -> object:
    """An approval as people may write it: the word ``required`` stands for one with every default."""
    if approval == REQUIRED:
        return {}
    if isinstance(approval, dict | Approval | None):
        return approval
    message = "has to be 'required', or say more: {approvers: [role:operator, user:ann], count: 2, expires: 30m}"
    raise ValueError(message)


RequiredApproval = Annotated[Approval | None, BeforeValidator(spelt_out)]
"""Whose approval is waited for, as people may write it; none where nobody's."""


class GivenApproval(Model):
    """That somebody has approved."""

    by: str
    """The name of whoever did."""
    principal_id: str
    at: Instant
    comment: str = ""


class PendingApproval(Model):
    """What a run waits for people to decide."""

    step: str | None = None
    """The step that is not to begin before; none: the run itself."""
    approvers: list[str]
    needed: int
    """How many have to approve."""
    allow_requester: bool = False
    on_expiry: Literal["reject", "run"] = "reject"
    asked_at: Instant
    expires_at: Instant
    """Who decides at this instant or later is too late."""
    given: list[GivenApproval] = []
    """Those that counted when the run was reconciled last, in their order."""
    following: Annotated[Approval | None, Field(exclude_if=lambda value: value is None)] = None
    """What has to be approved after this, where an alert rule and its action both ask. Whoever approved this and may
    approve that has approved both."""
