"""What holds for every secret in output."""

import base64
import itertools
import json
import shlex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from executor.domain.masking import MASK, Masker, forms

PASSWORD = "s3cret/pass+word & more"
STAPLE = "Tr0ub4dor-and-3-horses-staple"
QUOTED = 'it\'s "sécret" \\ and more'
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


@pytest.mark.parametrize(
    ("printed", "quote_mark"),
    [
        (json.dumps(QUOTED), b'"'),
        (json.dumps(QUOTED, ensure_ascii=False), b'"'),
        (shlex.quote(QUOTED), b"'"),
        ("'" + QUOTED.replace("'", r"'\''") + "'", b"'"),
    ],
)
def test_a_secret_is_masked_as_json_and_shells_quote_it(printed: str, quote_mark: bytes) -> None:
    assert masked([QUOTED], f"+ echo {printed}".encode()) == b"+ echo " + quote_mark + MASK + quote_mark


def test_every_line_of_a_secret_is_masked_unless_it_is_too_short_to_be_secret() -> None:
    shown = masked([KEY], b"> q8Zx0vQmYk3xT1dPq9Lk=\n> short\n> MIIEpAIBAAKCAQEAtrukd\n")
    assert shown == b"> " + MASK + b"\n> short\n> " + MASK + b"\n"


def test_a_secret_that_was_stored_with_a_line_end_is_masked_without_it() -> None:
    assert masked(["hunter22\n"], b"user:hunter22@host") == b"user:" + MASK + b"@host"


def test_long_base64_is_masked_in_the_lines_that_base64_prints() -> None:
    secret = "".join(f"part {number} of a long secret, " for number in range(20))
    printed = base64.encodebytes(secret.encode())
    assert masked([secret], printed).rstrip(b"=\n") == MASK
    *full, _ = printed.splitlines()
    assert masked([secret], b"> " + b"\n> ".join(reversed(full))) == b"> " + b"\n> ".join([MASK] * len(full))


@pytest.mark.parametrize("width", [1, 20, 40, 64, 76])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_a_line_break_in_base64_shows_nothing_of_a_secret(width: int, line_end: bytes) -> None:
    printed = wrapped(f"a-rather-long-service-account@example.org.invalid:{STAPLE}".encode(), width, line_end)
    shown = masked([STAPLE], *(printed[at : at + 7] for at in range(0, len(printed), 7)))
    assert MASK in shown
    assert STAPLE.encode() not in base64.b64decode(shown.replace(MASK, b"") + b"==")
    # What is left is the account and, at most, a character that mixes bits of it with the secret's.
    assert len(joined(shown.split(MASK)[0])) in range(66, 70)


def wrapped(text: bytes, width: int, line_end: bytes) -> bytes:
    """The text in base64, in lines."""
    encoded = base64.b64encode(text)
    return b"".join(encoded[at : at + width] + line_end for at in range(0, len(encoded), width))


def joined(data: bytes) -> bytes:
    return data.translate(None, b"\r\n")


@given(
    secret=st.text(min_size=4, max_size=60),
    around=st.tuples(st.binary(max_size=80), st.binary(max_size=80)),
    width=st.integers(1, 100),
    line_end=st.sampled_from([b"\n", b"\r\n"]),
    cuts=st.lists(st.integers(0, 600), max_size=8),
)
def test_wrapped_base64_shows_no_secret_however_it_is_cut(
    secret: str, around: tuple[bytes, bytes], width: int, line_end: bytes, cuts: list[int]
) -> None:
    assume(secret.strip("\r\n"))
    printed = wrapped(around[0] + secret.encode() + around[1], width, line_end)
    ends = [0, *sorted(cuts), len(printed)]
    shown = masked([secret], *(printed[start:end] for start, end in itertools.pairwise(ends)))
    assert shown == masked([secret], printed)
    for part in map(joined, shown.split(MASK)):
        for first in range(4):
            encoded = part[first:].rstrip(b"=")
            assert secret.encode() not in base64.b64decode(encoded[: len(encoded) // 4 * 4])


@given(st.text(min_size=4), st.lists(st.text("aGVsbG8=\r\n ").map(str.encode) | st.binary(max_size=40), max_size=20))
def test_text_without_the_secret_passes_unchanged(secret: str, pieces: list[bytes]) -> None:
    text = b"".join(pieces)
    known = forms(secret)
    assume(not any(form in text for form in known.unbroken) and not any(form in joined(text) for form in known.wrapped))
    assert masked([secret], *pieces) == text


def test_base64_over_an_empty_line_is_not_one_text() -> None:
    encoded = base64.b64encode(STAPLE.encode()).rstrip(b"=")
    for gap in (b"\n\n", b"\r\n\r\n", b"\r", b"\n\r\n", b"\r\r\n"):
        text = encoded[:10] + gap + encoded[10:]
        assert masked([STAPLE], text) == masked([STAPLE], text[:11], text[11:]) == text


def test_the_beginning_of_wrapped_base64_is_held_back_with_its_line_break() -> None:
    encoded = base64.b64encode(STAPLE.encode()).rstrip(b"=")
    masker = Masker([STAPLE])
    assert masker.feed("stdout", b"> " + encoded[:10] + b"\r") == b"> "
    assert masker.feed("stdout", b"\n" + encoded[10:20]) == b""
    assert masker.feed("stdout", encoded[20:]) + dict(masker.flush()).get("stdout", b"") == MASK


def test_a_whole_secret_that_was_held_back_is_masked_at_the_end() -> None:
    assert masked(["abcdef", "abcdefghijkl"], b"x abcdef") == b"x " + MASK


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
