"""What holds for every secret in output."""

import base64
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from executor.domain.masking import MASK, Masker

PASSWORD = "s3cret/pass+word & more"
KEY = "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEAtrukd\nshort\nq8Zx0vQmYk3xT1dPq9Lk=\n-----END KEY-----\n"


def masked(secrets: list[str], *pieces: bytes) -> bytes:
    """One stream, as it is shown."""
    masker = Masker(secrets)
    shown = b"".join(masker.feed("stdout", piece) for piece in pieces)
    return shown + b"".join(data for _, data in masker.flush())


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("after", ["", "!", "\n"])
def test_a_secret_is_masked_in_base64_wherever_it_stands_in_the_encoded_text(before: str, after: str) -> None:
    encoded = base64.b64encode((before + PASSWORD + after).encode())
    shown = masked([PASSWORD], encoded)
    assert MASK in shown
    # At the edges a character may stay that mixes bits of the secret with its neighbour's, but no readable part.
    rest = shown.replace(MASK, b"")
    assert len(rest) <= len(base64.b64encode((before + after).encode())) + 4


@pytest.mark.parametrize(
    "form",
    [
        PASSWORD,
        quote(PASSWORD),
        quote(PASSWORD, safe=""),
        quote_plus(PASSWORD),
        quote_plus(PASSWORD).replace("%2B", "%2b").replace("%2F", "%2f"),
        base64.urlsafe_b64encode(PASSWORD.encode()).decode().rstrip("="),
    ],
)
def test_a_secret_is_masked_in_every_form(form: str) -> None:
    assert masked([PASSWORD], f"before {form} after".encode()) == b"before " + MASK + b" after"


def test_every_line_of_a_secret_is_masked_unless_it_is_too_short_to_be_secret() -> None:
    shown = masked([KEY], b"> q8Zx0vQmYk3xT1dPq9Lk=\n> short\n> MIIEpAIBAAKCAQEAtrukd\n")
    assert shown == b"> " + MASK + b"\n> short\n> " + MASK + b"\n"


def test_a_secret_that_was_stored_with_a_line_end_is_masked_without_it() -> None:
    assert masked(["hunter22\n"], b"user:hunter22@host") == b"user:" + MASK + b"@host"


def test_long_base64_is_masked_in_the_lines_that_base64_prints() -> None:
    secret = "".join(f"part {number} of a long secret, " for number in range(20))
    printed = base64.encodebytes(secret.encode())
    shown = masked([secret], printed)
    assert all(line == MASK for line in shown.splitlines()[:-1])


def test_a_very_short_secret_is_masked_as_it_is_only() -> None:
    assert masked(["abc"], b"abc " + base64.b64encode(b"abc")) == MASK + b" " + base64.b64encode(b"abc")


def test_empty_secrets_mask_nothing() -> None:
    assert masked(["", "\n"], b"anything") == b"anything"


def test_nothing_is_held_back_that_cannot_be_the_beginning_of_a_secret() -> None:
    masker = Masker(["hunter22"])
    assert masker.feed("stdout", b"Password: ") == b"Password: "
    assert masker.feed("stdout", b"a hun") == b"a "
    assert masker.feed("stdout", b"dred") == b"hundred"


def test_the_streams_do_not_mix() -> None:
    masker = Masker(["hunter22"])
    assert masker.feed("stdout", b"hunt") == b""
    assert masker.feed("stderr", b"er22") == b"er22"
    assert masker.feed("stdout", b"er22") == MASK


def test_what_was_held_back_comes_at_the_end() -> None:
    masker = Masker(["hunter22"])
    masker.feed("stdout", b"hunt")
    masker.feed("stderr", b"hunter")
    assert dict(masker.flush()) == {"stdout": b"hunt", "stderr": b"hunter"}
    assert masker.flush() == []


def test_a_secret_that_begins_another_does_not_let_the_rest_of_it_through() -> None:
    assert masked(["abcdef", "abcdefghijkl"], b"x abcdef", b"ghijkl y") == b"x " + MASK + b" y"
    assert masked(["abcdef", "abcdefghijkl"], b"x abcdef", b" y") == b"x " + MASK + b" y"


def test_a_secret_after_a_false_beginning_of_itself_is_masked() -> None:
    assert masked(["aaaab"], b"aa", b"aaa", b"ab") == b"aa" + MASK


SECRETS = st.lists(st.text("ab", min_size=4, max_size=7), min_size=1, max_size=3)


@given(SECRETS, st.lists(st.text("abc", max_size=9).map(str.encode), max_size=9))
def test_how_the_output_is_cut_into_pieces_does_not_matter(secrets: list[str], pieces: list[bytes]) -> None:
    shown = masked(secrets, *pieces)
    assert shown == masked(secrets, b"".join(pieces))
    assert not any(secret.encode() in part for part in shown.split(MASK) for secret in secrets)


@given(st.text(min_size=4), st.binary(), st.binary())
def test_a_secret_is_masked_between_any_bytes(secret: str, before: bytes, after: bytes) -> None:
    if secret.strip("\r\n"):
        assert secret.encode() not in masked([secret], before + secret.encode() + after).replace(MASK, b"")
