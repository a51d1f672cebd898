"""What is promised about private keys as people paste them (cases A16, A17)."""

import base64
from collections.abc import Callable
from functools import cache

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ssh_key_text import KeyTextError, is_plain_key
from shared.ssh_keys import read_private_key
from tests.builders import AS_SSH_KEYGEN


def key(kind: str = "ssh-ed25519") -> asyncssh.SSHKey:
    return made(kind)


@cache
def made(kind: str) -> asyncssh.SSHKey:
    return asyncssh.generate_private_key(kind)


def written(kind: str = "ssh-ed25519", form: str = "openssh", passphrase: str | None = None) -> str:
    return key(kind).export_private_key(form, passphrase=passphrase, **AS_SSH_KEYGEN).decode()


@pytest.mark.parametrize(
    ("kind", "form", "passphrase"),
    [
        ("ssh-ed25519", "openssh", None),
        ("ssh-ed25519", "openssh", "open sesame"),
        ("ssh-rsa", "pkcs1-pem", "open sesame"),
        ("ecdsa-sha2-nistp256", "pkcs8-pem", "open sesame"),
    ],
)
@pytest.mark.parametrize(
    "pasted",
    [
        pytest.param(lambda text: text.replace("-----BEGIN", "   -----BEGIN").replace("\n", "\n   "), id="indented"),
        pytest.param(lambda text: f"\ufeff{text}", id="after a byte order mark"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="with Windows' line ends"),
        pytest.param(lambda text: text.rstrip("\n"), id="without the last line end"),
        pytest.param(lambda text: text.replace("\n", "\\n"), id="with line ends written out"),
        pytest.param(lambda text: '"' + text.replace("\n", "\\r\\n") + '"', id="out of JSON"),
        pytest.param(lambda text: f"'{text}'", id="in quotes"),
        pytest.param(lambda text: f"Here it is:\n{text}Yours, Ada\n", id="out of a letter"),
    ],
)
def test_a_key_is_read_however_it_was_pasted(
    pasted: Callable[[str], str], kind: str, form: str, passphrase: str | None
) -> None:
    found = read_private_key(pasted(written(kind, form, passphrase)), passphrase and f"{passphrase}\n")
    assert found.key.public_data == key(kind).public_data


@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem"])
def test_a_key_on_one_line_is_read(form: str) -> None:
    assert read_private_key(written(form=form).replace("\n", " ")).key.public_data == key().public_data


PUTTY = (
    "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: ada\nPublic-Lines: 2\nAAAAC3NzaC1lZDI1NTE5AAAA\n"
)
TECTIA = "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56wAAA\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\n"


def certificate(of: asyncssh.SSHKey | None = None) -> str:
    signed = key("ecdsa-sha2-nistp256").generate_user_certificate(of or key(), "id", principals=["deploy"])
    return signed.export_certificate().decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(PUTTY, "is a PuTTY file: .* puttygen FILE.ppk -O private-openssh", id="PuTTY"),
        pytest.param(TECTIA, "is a key in the form of ssh.com", id="Tectia"),
        pytest.param(key().export_public_key().decode(), "is the public key: give the private one", id="public key"),
        pytest.param(certificate(), "is a certificate alone", id="certificate"),
        pytest.param("\n".join(written().splitlines()[1:-1]), "base64 without the lines around it", id="base64"),
        pytest.param("".join(written(form="pkcs8-pem").splitlines()[1:-1]), "base64 without the lines", id="DER"),
        pytest.param(base64.b64encode(written().encode()).decode(), "put into base64 once more", id="base64 twice"),
        pytest.param(written()[:150], "is cut off", id="first lines only"),
        pytest.param("~/.ssh/id_ed25519", "is the name of a file", id="name of a file"),
        pytest.param(written() + written(), "holds several private keys", id="two keys"),
        pytest.param(written().replace("b3Bl", "b3B1"), "is a private key that cannot be read", id="damaged"),
        pytest.param("s3cret", "is no private key in OpenSSH or PEM form", id="something else"),
        pytest.param("", "is no private key in OpenSSH or PEM form", id="nothing"),
    ],
)
def test_what_is_no_private_key_is_called_what_it_is(text: str, words: str) -> None:
    with pytest.raises(KeyTextError, match=words) as error:
        read_private_key(text)
    assert error.value.field == "private_key"


@pytest.mark.parametrize("form", ["openssh", "pkcs1-pem", "pkcs8-pem"])
@pytest.mark.parametrize(("passphrase", "words"), [(None, "is missing"), ("wrong", "does not open the private key")])
def test_a_passphrase_that_is_missing_or_wrong_is_told(form: str, passphrase: str | None, words: str) -> None:
    with pytest.raises(KeyTextError, match=words) as error:
        read_private_key(written("ssh-rsa", form, "right"), passphrase)
    assert error.value.field == "passphrase"


def test_a_certificate_stands_behind_its_key_or_apart_from_it() -> None:
    line = certificate()
    expected = asyncssh.import_certificate(line).public_data
    public = key().export_public_key().decode()
    for found in (
        read_private_key(written() + line),
        read_private_key(written() + public + line.replace("\n", "\r\n")),
        read_private_key(written(), None, line),
    ):
        assert found.certificate is not None
        assert found.certificate.public_data == expected
    assert read_private_key(written() + public).certificate is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("not at all", "is no certificate: give the line that ssh-keygen -s wrote"),
        (certificate()[:200], "cannot be read"),
        (certificate(key("ecdsa-sha2-nistp256")), "belongs to another key"),
    ],
    ids=["no certificate", "cut off", "of another key"],
)
def test_a_certificate_that_does_not_go_with_the_key_is_told(given: str, words: str) -> None:
    with pytest.raises(KeyTextError, match=words) as error:
        read_private_key(written(), None, given)
    assert error.value.field == "certificate"


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp521"])
def test_a_key_as_ssh_keygen_makes_it_is_known_to_be_readable_without_asyncssh(kind: str) -> None:
    assert is_plain_key(written(kind).replace("\n", "\r\n"))
    assert not is_plain_key(written(kind, passphrase="open sesame"))
    assert not is_plain_key(written(kind) + certificate())


@given(st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=4), st.integers(0, 4)), min_size=1, max_size=3))
@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256"])
def test_what_is_known_to_be_readable_is_read(kind: str, changes: list[tuple[int, bytes, int]]) -> None:
    content = bytearray(base64.b64decode("".join(written(kind).splitlines()[1:-1])))
    for place, put, taken in changes:
        begin = place % len(content)
        content[begin : begin + taken] = put
    borders = "-----{} OPENSSH PRIVATE KEY-----\n"
    text = borders.format("BEGIN") + base64.encodebytes(content).decode() + borders.format("END")
    if is_plain_key(text):
        read_private_key(text)
