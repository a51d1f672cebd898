"""The first start of the distributed form: makes every password, key and token, once.

Runs before anything else, as root and without a network, and writes one folder for each party, so that none sees
another's. What is there already stays as it is.
"""

import os
import secrets
from pathlib import Path

import asyncssh

from shared.admission import new_token
from shared.encryption import new_master_key

SECRETS = Path("/secrets")
OPSIMATE_USER = 10001
"""The user id that the services run as; the Dockerfile has it, too."""


def main(root: Path = SECRETS, owner: int = OPSIMATE_USER) -> None:
    """Write what is missing below ``root``."""
    rabbitmq = _kept(root / "rabbitmq/password", secrets.token_urlsafe(32))
    mongo = _kept(root / "mongo/password", secrets.token_urlsafe(32))
    # The broker and the database read their folder as users of their own, and nobody else is given it.
    conf = f"default_user = opsimate\ndefault_pass = {rabbitmq}\nlisteners.tcp.default = 5672\nlog.console = true"
    _kept(root / "rabbitmq/rabbitmq.conf", conf)
    own = {
        "bus-url": f"amqp://opsimate:{rabbitmq}@rabbitmq:5672/",
        "store-url": f"mongodb://opsimate:{mongo}@mongo:27017/opsimate?authSource=admin",
        "master-key": new_master_key(),
        "admin-token": new_token(),
    }
    for name, text in own.items():
        _kept(root / "opsimate" / name, text, owner=owner)
    _try_key(root / "try", owner)


def _kept(path: Path, text: str, *, owner: int | None = None) -> str:
    """The text of the file; written now if there is none."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".new")
        draft.write_text(text + "\n")
        draft.chmod(0o644 if owner is None else 0o600)
        if owner is not None:
            os.chown(draft, owner, owner)
        # Whole or not at all: a half-written password would be kept for ever.
        draft.rename(path)
        print(f"made {path}")
    return path.read_text().strip()


def _try_key(folder: Path, owner: int) -> None:
    """The key pair that opens the machines to try the product on."""
    if (folder / "id_ed25519.pub").exists():
        return
    key = asyncssh.generate_private_key("ssh-ed25519", comment="opsimate-try")
    _kept(folder / "id_ed25519", key.export_private_key().decode().strip(), owner=owner)
    _kept(folder / "id_ed25519.pub", key.export_public_key().decode().strip())


if __name__ == "__main__":
    main()
