"""Which of two media types a caller would rather have."""

import pytest

from catalog.api.requests import prefers


@pytest.mark.parametrize(
    ("accept", "plain"),
    [
        ("text/plain", True),
        ("TEXT/PLAIN", True),
        ("text/*", True),
        ("text/plain; charset=utf-8", True),
        ("text/plain, */*", True),
        ("application/json;q=0.5, text/plain", True),
        ("text/plain;q=0.9, */*;q=0.1", True),
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/plain;q=0", False),
        ("text/plain;q=0, */*", False),
        ("text/plain; q=0.5, application/json", False),
        ("text/html", False),
        ("application/x-text/plain", False),
    ],
)
def test_the_text_is_sent_to_who_would_rather_have_it(accept: str, plain: bool) -> None:
    assert prefers(accept, "text/plain", "application/json") is plain
