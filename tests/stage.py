"""Setting the stage: what nearly every story about the product begins with."""

from pathlib import Path
from typing import Any

from tests.product import Product
from tests.servers.sshd import SshServer


def set_stage(product: Product, sshd: SshServer, provider: str = "web-1") -> None:
    """Make the provider known to the product, with the key that opens it."""
    product.put("secrets", {"name": f"{provider}-key", "value": sshd.private_key})
    ssh = {
        "host": sshd.host,
        "port": sshd.port,
        "user": sshd.user,
        "private_key": {"secret": f"{provider}-key"},
    }
    product.put("providers", {"name": provider, "connection": {"ssh": ssh}})


def action(product: Product, name: str, *steps: dict[str, Any] | str, **fields: Any) -> str:
    """Save an action; a step that is only a text is a command on web-1. Returns the action's name."""
    full = [
        {"name": f"step-{number}", "provider": "web-1", **({"command": step} if isinstance(step, str) else step)}
        for number, step in enumerate(steps, start=1)
    ]
    product.put("actions", {"name": name, "steps": full, **fields})
    return name


class Ledger:
    """A file on the provider in which commands leave a line each time they really run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.chmod(0o777)
        path.touch()
        path.chmod(0o666)

    def entry(self, text: str = "x") -> str:
        """The command that leaves a line."""
        return f"echo {text} >> {self.path}"

    @property
    def lines(self) -> list[str]:
        """What was left so far."""
        return self.path.read_text().splitlines()
