"""What is shown of a body that was not understood."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_bridge.domain.masking import LONGEST_LOOKED_AT, MASK, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"password": "x y\\"z", "host": "web-1"}', f'{{"password": "{MASK}", "host": "web-1"}}'),
        ('{"routing_key":"R0", "a": 1}', f'{{"routing_key":"{MASK}", "a": 1}}'),
        ('{"apiKey": 12345, "a": 1}', f'{{"apiKey": "{MASK}", "a": 1}}'),
        ('{"message": "{\\"secret\\": \\"abc\\"}"}', None),
        ("token=abc&title=disk", f"token={MASK}&title=disk"),
        ("curl -H 'Authorization: Bearer abc.def-123'", f"curl -H 'Authorization: {MASK}'"),
        ("opsimate_abc-DEF_1 said", f"{MASK} said"),
        ("https://user:abc@host/path", f"https://user:{MASK}@host/path"),
        ("<ApiToken>abc</ApiToken>", f"<ApiToken>{MASK}</ApiToken>"),
        ("title: disk full on web-1", "title: disk full on web-1"),
        ("a\x1b[31mb\r\n\u202ec\x00", "a [31mb c"),
    ],
)
def test_what_looks_like_a_secret_is_masked_and_the_rest_stays(text: str, expected: str | None) -> None:
    told = shown(text, 200)
    assert "abc" not in told
    if expected is not None:
        assert told == expected


@given(st.text() | st.binary())
def test_anything_is_shown_on_one_line(body: str | bytes) -> None:
    told = shown(body, 50)
    assert len(told) <= 50
    assert told.isprintable() or not told.isascii()
    assert not set(told) & set("\n\r\x1b\x00")


def test_no_body_takes_long_to_be_shown() -> None:
    for piece in ("password", '"token":"', "a.", "://a:", "<token", "\\", "token="):
        before = time.process_time()
        shown(piece * (LONGEST_LOOKED_AT * 8), 200)
        assert time.process_time() - before < 1
