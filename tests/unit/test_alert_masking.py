"""What is shown of a body that was not understood."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.redaction import LONGEST_LOOKED_AT, MASK, quoted, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"password": "x y\\"z", "host": "web-1"}', f'{{"password": "{MASK}", "host": "web-1"}}'),
        ('{"foo": 1, "password": {"value": "abc"}}', f'{{"foo": 1, "password": "{MASK}"}}'),
        ('{"tokens": ["x", "abc"], "pw": "abc"}', f'{{"tokens": "{MASK}", "pw": "{MASK}"}}'),
        ('{"pass\\u0077ord": "abc"}', f'{{"password": "{MASK}"}}'),
        ('[{"name": "X-Auth", "value": "abc"}]', f'[{{"name": "X-Auth", "value": "{MASK}"}}]'),
        ('[{"Key": "host", "Value": "web-1"}]', '[{"Key": "host", "Value": "web-1"}]'),
        ('{"m": "{\\"secret\\": \\"abc\\"}"}', f'{{"m": "{{\\"secret\\": \\"{MASK}\\"}}"}}'),
        ('{"m": "use password: abc"}', f'{{"m": "use {MASK}"}}'),
        ('{"m": "the passenger of web-1"}', '{"m": "the passenger of web-1"}'),
        ('{"u": "see https://u:abc/x@host/a?sig=abc#abc ok"}', f'{{"u": "see https://{MASK}@host/a?{MASK} ok"}}'),
        ('{"u": "https://hooks.slack.com/services/T/B/abc"}', f'{{"u": "https://hooks.slack.com/{MASK}"}}'),
        ('{"u": "https://h/a/abc0123456789012345678/b"}', f'{{"u": "https://h/a/{MASK}/b"}}'),
        ('{"x": "abc0123456789abcdefgh", "at": "2026-01-31T12:00:00Z"}', None),
        ("opsimate_abc-DEF_1 said", f"{MASK} said"),
        ("title=disk&token=abc", f"title=disk&{MASK} 9 bytes more"),
        ("payload=%7B%22pass%77ord%22%3A%22abc%22%7D", None),
        ('--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nabc', None),
        ('<a password="abc"/>', f"<a {MASK} 16 bytes more"),
        ("<a>&#112;assword abc</a>", None),
        ('{"headers":[{"name":"Authorization","value":"abc"}]', None),
        ('{"password":"aa\nabc"}', f'{{"{MASK} 19 bytes more'),
        ('{"k":"-----BEGIN PRIVATE KEY-----\\nabc"}', f'{{"k": "{MASK}"}}'),
        ("password = abc", f"{MASK} 14 bytes more"),
        ("https://u:abc@h/", f"https://{MASK}@h/"),
        ("title: disk full on web-1", "title: disk full on web-1"),
        ("a\x1b[31mb\r\n\u202ec\x00", "a [31mb c"),
    ],
)
def test_what_may_be_a_secret_is_masked_and_the_rest_stays(text: str, expected: str | None) -> None:
    for body in (text, text.encode(), text.encode("utf-16-le")):
        told = shown(body, 200)
        assert "abc" not in told
        if expected is not None and body is text:
            assert told == expected


def test_a_sentence_repeats_no_secret_of_a_sender() -> None:
    for value in ({"password": "abc"}, "password=abc", ["https://u:abc@h"], "opsimate_abc"):
        assert "abc" not in quoted(value, 60)
    assert quoted("flapping", 60) == "flapping"


@given(st.text() | st.binary())
def test_anything_is_shown_on_one_line(body: str | bytes) -> None:
    told = shown(body, 50)
    assert len(told) <= 50
    assert told.isprintable() or not told.isascii()
    assert not set(told) & set("\n\r\x1b\x00")


def test_no_body_takes_long_to_be_shown() -> None:
    for piece in ("password", '"token":"', "a.", "://a:", "<tok", "\\", "title=", "%25", "[", '{"a":', "a1", "&#1"):
        before = time.process_time()
        shown(piece * (LONGEST_LOOKED_AT * 8), 200)
        assert time.process_time() - before < 1
