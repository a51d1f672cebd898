"""Principals: who acts, the permissions that each role grants, and the tokens by which they are known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, StringConstraints, model_validator

from shared.contracts.definition import Strict
from shared.contracts.model import Model
from shared.contracts.origin import Origin
from shared.contracts.values import Description, Instant, Name, readable_text

PrincipalKind = Literal["person", "service"]
Role = Literal["viewer", "operator", "editor", "administrator", "alerts", "metrics"]
Permission = Literal[
    "actions.read",
    "actions.write",
    "alert_rules.read",
    "alert_rules.write",
    "alerts.read",
    "alerts.write",
    "audit.read",
    "channels.read",
    "channels.test",
    "channels.write",
    "deliveries.read",
    "deliveries.replay",
    "integrations.read",
    "integrations.write",
    "maintenance_windows.read",
    "maintenance_windows.write",
    "metrics.read",
    "notifications.read",
    "notifications.retry",
    "provider_groups.read",
    "provider_groups.write",
    "providers.read",
    "providers.test",
    "providers.write",
    "runs.approve",
    "runs.cancel",
    "runs.override",
    "runs.pause",
    "runs.read",
    "runs.write",
    "schedules.read",
    "schedules.write",
    "secrets.read",
    "secrets.write",
    "tokens.read",
    "tokens.write",
]
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)

_LADDER: Mapping[Role, frozenset[Permission]] = {
    "viewer": frozenset(
        {
            "actions.read",
            "alert_rules.read",
            "alerts.read",
            "channels.read",
            "deliveries.read",
            "integrations.read",
            "maintenance_windows.read",
            "notifications.read",
            "provider_groups.read",
            "providers.read",
            "runs.read",
            "schedules.read",
            "secrets.read",
        }
    ),
    "operator": frozenset(
        {
            "channels.test",
            "deliveries.replay",
            "notifications.retry",
            "providers.test",
            "runs.approve",
            "runs.cancel",
            "runs.override",
            "runs.pause",
            "runs.write",
        }
    ),
    "editor": frozenset(
        {
            "actions.write",
            "alert_rules.write",
            "channels.write",
            "integrations.write",
            "maintenance_windows.write",
            "provider_groups.write",
            "providers.write",
            "schedules.write",
            "secrets.write",
        }
    ),
    "administrator": frozenset({"alerts.write", "audit.read", "metrics.read", "tokens.read", "tokens.write"}),
}
"""What each of these roles may do beyond the one before it."""


def _grants() -> Mapping[Role, frozenset[Permission]]:
    found: dict[Role, frozenset[Permission]] = {}
    so_far: frozenset[Permission] = frozenset()
    for role, more in _LADDER.items():
        found[role] = so_far = so_far | more
    return {**found, "alerts": frozenset({"alerts.write"}), "metrics": frozenset({"metrics.read"})}


GRANTS = _grants()
"""The permissions of each role. Endpoints ask for a permission; which roles have it is said here alone."""


@dataclass(frozen=True)
class Principal:
    """Whoever acts: a person or a service, with what it may do.

    Two principals are the same where their ids are. A name can be given again once its holder is gone; an id cannot.
    """

    id: str
    name: str
    """As people see it, such as in ``by``."""
    kind: PrincipalKind
    grants: frozenset[Permission]
    role: Role
    """To be shown to people; what is decided is decided by the grants."""
    origin: Origin | None = field(default=None, compare=False)
    """From where it calls, where it does."""

    def may(self, permission: Permission) -> bool:
        """Whether this is granted."""
        return permission in self.grants


TokenRole = Literal["administrator", "alerts", "metrics"]
"""The roles that a token can be given now."""


def roles_with(permission: Permission) -> list[TokenRole]:
    """The roles that give a token this permission."""
    roles: tuple[TokenRole, ...] = get_args(TokenRole)
    return [role for role in roles if permission in GRANTS[role]]


class TokenDefinition(Strict):
    """A token to be made."""

    name: Name
    description: Annotated[Description, AfterValidator(readable_text)] = ""
    kind: PrincipalKind = "service"
    """A person's runs have the trigger ``manual``, a service's ``api``."""
    role: TokenRole = "alerts"
    """``administrator`` may do everything, ``alerts`` may only post alerts, ``metrics`` may only read metrics."""


class Token(Model):
    """A token as it is stored: by its hash only."""

    id: str
    """Its name."""
    uid: str = ""
    """Names this token among all that ever had its name. One that was stored without it has its name, which is in
    lower case, where a uid is in upper case."""
    version: int = 1
    hash: Annotated[str, StringConstraints(min_length=64, max_length=64)]
    """SHA-256 of the token, in hex. A token has 256 random bits, so a slow hash would add nothing."""
    kind: PrincipalKind
    role: Role
    description: str = ""
    created_at: Instant
    made_by: str = ""
    """The name of the token that made it; empty where an earlier release stored it."""
    made_by_id: str | None = None
    origin: Origin | None = None
    unaudited: Instant | None = None
    """When it was made, as long as no entry of the audit tells of that."""

    @model_validator(mode="after")
    def has_a_uid(self) -> "Token":
        """Of a token that was stored before there were uids, it is the name."""
        self.uid = self.uid or self.id
        return self

    @property
    def principal(self) -> Principal:
        """Whom this token stands for."""
        return Principal(self.uid, self.id, self.kind, GRANTS[self.role], self.role)


class RemovedToken(Model):
    """A note that a token is deleted, until an entry of the audit tells of it."""

    id: str
    """Its uid."""
    version: int = 1
    token: Token
    at: Instant
    by: str
    principal_id: str
    origin: Origin | None = None
