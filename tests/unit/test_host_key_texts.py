"""What is promised about host keys as people write them down."""

import subprocess
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.contracts.host_key import HostKey, public_keys, read_host_key
from shared.contracts.provider import SshConnection

FINGERPRINT = "SHA256:" + "a" * 43


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_whole_public_key_says_its_fingerprint_and_its_type(tmp_path: Path, kind: str) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "a comment", "-f", tmp_path / "key"], check=True)
    shown = subprocess.run(["ssh-keygen", "-lf", tmp_path / "key"], check=True, capture_output=True, text=True)
    line = (tmp_path / "key.pub").read_text()
    expected = HostKey(shown.stdout.split()[1], line.split()[0])
    assert read_host_key(line) == expected
    assert read_host_key(f"[10.0.0.11]:2222 {line}") == expected, "as ssh-keyscan prints it"
    assert public_keys(f"\n{line}\n{line}") == [" ".join(line.split()[:2])] * 2


def test_a_fingerprint_is_the_same_with_and_without_padding() -> None:
    assert read_host_key(f"{FINGERPRINT}=\n") == HostKey(FINGERPRINT)


@pytest.mark.parametrize("text", ["", "SHA256:short", "MD5:00:11", "ssh-ed25519 AAAA", "ssh-rsa !", "ssh-dss AAAAB3Nz"])
def test_what_is_no_host_key_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="neither a fingerprint such as SHA256:"):
        SshConnection.model_validate({**login(), "host_key": text})


def test_a_provider_takes_a_host_key_or_an_authority_for_one() -> None:
    with pytest.raises(ValidationError, match="holds no public key"):
        SshConnection.model_validate({**login(), "host_ca": " \n"})
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJnUqLcKEYZWb6q4bYd0sE0HvGq8cD1lMs1Kbp7gVw9p"
    with pytest.raises(ValidationError, match="takes host_key or host_ca, not both"):
        SshConnection.model_validate({**login(), "host_ca": key, "host_key": FINGERPRINT})
    assert SshConnection.model_validate({**login(), "host_ca": key}).host_ca == key


def test_a_certificate_needs_a_key() -> None:
    with pytest.raises(ValidationError, match="certificate goes with a private_key"):
        SshConnection.model_validate({**login(), "certificate": {"secret": "c"}})


def login() -> dict[str, object]:
    return {"host": "10.0.0.11", "user": "deploy", "password": {"secret": "p"}}
