"""Tokens: who may call the API."""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, StringConstraints, model_validator

from shared.contracts.definition import Strict
from shared.contracts.principal import GRANTS, Permission, Principal, PrincipalKind, Role
from shared.contracts.values import Description, Instant, Name

TokenRole = Literal["administrator", "alerts", "metrics"]
"""The roles that a token can be given now."""


def roles_with(permission: Permission) -> list[TokenRole]:
    """The roles that give a token this permission."""
    roles: tuple[TokenRole, ...] = get_args(TokenRole)
    return [role for role in roles if permission in GRANTS[role]]


class TokenDefinition(Strict):
    """A token to be made."""

    name: Name
    description: Description = ""
    kind: PrincipalKind = "service"
    """A person's runs have the trigger ``manual``, a service's ``api``."""
    role: TokenRole = "alerts"
    """``administrator`` may do everything, ``alerts`` may only post alerts, ``metrics`` may only read metrics."""


class Token(BaseModel):
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

    @model_validator(mode="after")
    def has_a_uid(self) -> "Token":
        """Of a token that was stored before there were uids, it is the name."""
        self.uid = self.uid or self.id
        return self

    @property
    def principal(self) -> Principal:
        """Whom this token stands for."""
        return Principal(self.uid, self.id, self.kind, GRANTS[self.role])
