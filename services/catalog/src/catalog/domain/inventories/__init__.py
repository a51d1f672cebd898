"""What other tools know of machines, Ansible's inventories and SSH's configurations, made into definitions. Pure."""

from typing import Literal

InventoryFormat = Literal["ansible_inventory", "ssh_config"]
