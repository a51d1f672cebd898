"""Principals: who acts, and the permissions that each role grants."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

PrincipalKind = Literal["person", "service"]
Role = Literal["viewer", "operator", "editor", "administrator", "alerts", "metrics"]
Permission = Literal[
    "actions.read",
    "actions.write",
    "alert_rules.read",
    "alert_rules.write",
    "alerts.read",
    "alerts.write",
    "deliveries.read",
    "deliveries.replay",
    "integrations.read",
    "integrations.write",
    "metrics.read",
    "providers.read",
    "providers.test",
    "providers.write",
    "runs.cancel",
    "runs.pause",
    "runs.read",
    "runs.write",
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
            "deliveries.read",
            "integrations.read",
            "providers.read",
            "runs.read",
            "secrets.read",
        }
    ),
    "operator": frozenset({"deliveries.replay", "providers.test", "runs.cancel", "runs.pause", "runs.write"}),
    "editor": frozenset(
        {"actions.write", "alert_rules.write", "integrations.write", "providers.write", "secrets.write"}
    ),
    "administrator": frozenset({"alerts.write", "metrics.read", "tokens.read", "tokens.write"}),
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

    def may(self, permission: Permission) -> bool:
        """Whether this is granted."""
        return permission in self.grants
