"""What is promised about private keys when a provider is saved: told then, not when an alert fires (cases A16, A17)."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest

from tests.builders import AS_SSH_KEYGEN
from tests.builders_catalog import RunningCatalog, a_catalog, a_provider

KEY = asyncssh.generate_private_key("ssh-ed25519")
PLAIN = KEY.export_private_key().decode()
LOCKED = KEY.export_private_key(passphrase="right", **AS_SSH_KEYGEN).decode()
PUBLIC = KEY.export_public_key().decode()
LOGIN = {"host": "10.0.0.1", "user": "deploy"}


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[RunningCatalog]:
    async with a_catalog(tmp_path) as running:
        yield running


async def stored(catalog: RunningCatalog, **secrets: str) -> dict[str, dict[str, str]]:
    """References to secrets of these values, by the fields of the connection."""
    for field, value in secrets.items():
        await catalog.made("secrets", {"name": field, "value": value})
    return {field: {"secret": field} for field in secrets}


async def errors(catalog: RunningCatalog, **ssh: object) -> list[tuple[str, str]]:
    answer = await catalog.put("providers/web-1", {**a_provider(), "connection": {"ssh": {**LOGIN, **ssh}}})
    return [(error["field"], error["message"]) for error in answer.json().get("errors", [])]


@pytest.mark.parametrize(
    ("secrets", "field", "words"),
    [
        ({"private_key": PUBLIC}, "private_key.secret", "the secret 'private_key' is the public key"),
        ({"private_key": "PuTTY-User-Key-File-3: x"}, "private_key.secret", "puttygen FILE.ppk -O private-openssh"),
        ({"private_key": LOCKED}, "passphrase", "is missing: the private key is encrypted"),
        ({"private_key": LOCKED, "passphrase": "wrong"}, "passphrase.secret", "does not open the private key"),
        ({"private_key": PLAIN, "certificate": PUBLIC}, "certificate.secret", "is no certificate"),
    ],
)
async def test_a_key_that_cannot_be_used_is_told_when_its_provider_is_saved(
    catalog: RunningCatalog, secrets: dict[str, str], field: str, words: str
) -> None:
    ((found, message),) = await errors(catalog, **await stored(catalog, **secrets))
    assert found == f"connection.ssh.{field}"
    assert words in message
    assert (await catalog.get("providers/web-1")).status_code == 404


async def test_a_key_that_can_be_used_is_taken_and_may_be_changed_with_its_passphrase(catalog: RunningCatalog) -> None:
    pasted = "\ufeff" + LOCKED.replace("\n", "\r\n   ")
    references = await stored(catalog, private_key=pasted, passphrase="right\n")
    assert await errors(catalog, **references) == []
    anew = KEY.export_private_key(passphrase="new", **AS_SSH_KEYGEN).decode()
    assert (await catalog.put("secrets/private_key", {"name": "private_key", "value": anew})).is_success
    assert [field for field, _ in await errors(catalog, **references)] == ["connection.ssh.passphrase.secret"]
    assert (await catalog.put("secrets/passphrase", {"name": "passphrase", "value": "new"})).is_success
    assert await errors(catalog, **references) == []


async def test_a_secret_that_a_provider_logs_in_with_stays_a_private_key(catalog: RunningCatalog) -> None:
    references = await stored(catalog, private_key=PLAIN)
    assert await errors(catalog, **references) == []
    answer = await catalog.put("secrets/private_key", {"name": "private_key", "value": PUBLIC})
    (error,) = answer.json()["errors"]
    assert error["field"] == "value"
    assert error["message"].startswith("is the public key")
    assert error["message"].endswith("; the provider 'web-1' logs in with it")
    assert (await catalog.get("secrets/private_key")).json()["version"] == 1
