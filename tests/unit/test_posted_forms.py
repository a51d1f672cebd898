"""Forms in place of JSON: what a body holds decides, and a form of very many fields is none."""

import pytest

from alert_bridge.domain.bodies import MOST_PAIRS, values_of
from alert_bridge.domain.source import NotJsonError, ReceivedDelivery
from tests.builders import NOON


def posted(body: bytes, query: str = "") -> object:
    return values_of(ReceivedDelivery(body, {}, NOON, query))


def parts(*names: str) -> bytes:
    """A form of several parts, each with its name as its content."""
    each = [f'--x-1\r\nContent-Disposition: form-data; name="{one}"\r\n\r\n{{"is": "{one}"}}\r\n' for one in names]
    return "".join([*each, "--x-1--\r\n"]).encode()


@pytest.mark.parametrize(
    ("body", "query", "values"),
    [
        (b'{"a": "b=c"}', "a=x", {"a": "b=c"}),
        (b"a=b%20c&d=%7B%22e%22%3A1%7D&f=", "", {"a": "b c", "d": {"e": 1}, "f": ""}),
        (b"a=%7Bno+json", "", {"a": "{no json"}),
        (b"", "a=b&c=%5B1%5D", {"a": "b", "c": [1]}),
        (b"\r\n" + parts("a", "b"), "", {"a": {"is": "a"}, "b": {"is": "b"}}),
    ],
)
def test_a_form_is_an_object_of_its_fields(body: bytes, query: str, values: object) -> None:
    assert posted(body, query) == values


@pytest.mark.parametrize(
    "body",
    [
        b"&".join([b"a=b"] * (MOST_PAIRS + 1)),
        parts(*["a"] * (MOST_PAIRS + 1)),
        b"--\r\n" * 1_000_000,
        b"--" + b"x" * 1_000_000,
        b"--x\r\nno part",
        b"a\n=b",
        b"{",
    ],
    ids=["fields", "parts", "borders", "one line", "no part", "two lines", "begun JSON"],
)
def test_what_is_no_form_or_one_of_very_many_fields_is_not_taken(body: bytes) -> None:
    with pytest.raises(NotJsonError):
        posted(body)
