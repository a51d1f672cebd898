"""What other tools know of machines, Ansible's inventories and SSH's configurations, made into definitions. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

InventoryFormat = Literal["ansible_inventory", "ssh_config"]


@dataclass(frozen=True)
class Unsaid:
    """What holds where the text does not say it."""

    user: str | None = None
    """Who logs in."""
    key: str | None = None
    """The stored secret with the private key of those who have no password."""
    pool: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels by their names, each with the variable of an inventory that it is made of."""
