"""Searching output: each line once, with its number, wherever it is cut and wherever a page ends."""

import random
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from catalog.domain.output_search import LONGEST_LINE, FoundLine, OutputSearch, containing, fitting
from shared.contracts.attempt import OutputChunk, attempt_id, chunk_id

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
TEXT = "".join(f"line {number}: {'NEEDLE ä' if number % 7 == 0 else 'hay'}\n" for number in range(1, 60)) + "end needle"


def chunks_of(data: bytes, chance: random.Random, attempt: int = 1) -> list[OutputChunk]:
    """The data cut anywhere, also within characters."""
    cuts = sorted({0, len(data), *chance.sample(range(len(data)), min(20, len(data) - 1))})
    id_ = attempt_id("RUN", 0, 0, attempt)
    return [
        OutputChunk(
            id=chunk_id(id_, seq),
            run_id="RUN",
            attempt_id=id_,
            step="only",
            attempt=attempt,
            provider="web-1",
            seq=seq,
            stream="stdout",
            at=NOON,
            first_line=1 + data[:begin].count(b"\n"),
            offset=begin,
            data=data[begin:end],
        )
        for seq, (begin, end) in enumerate(pairwise(cuts), start=1)
    ]


def lines(found: list[FoundLine]) -> list[tuple[int, int, str]]:
    return [(one.attempt, one.line, one.text) for one in found]


@pytest.mark.parametrize("seed", range(20))
def test_each_line_is_found_once_wherever_chunks_and_pages_are_cut(seed: int) -> None:
    chance = random.Random(seed)
    chunks = [one for attempt in (1, 2) for one in chunks_of(TEXT.encode(), chance, attempt)]
    expected = [
        (attempt, number, text)
        for attempt in (1, 2)
        for number, text in enumerate(TEXT.split("\n"), start=1)
        if "needle" in text.lower()
    ]
    whole = OutputSearch(containing("Needle"))
    whole.take(chunks)
    whole.end()
    assert lines(whole.found) == expected
    by_page: list[FoundLine] = []
    while True:
        last = by_page[-1] if by_page else None
        rest = chunks if last is None else [one for one in chunks if one.id >= last.id]
        page = OutputSearch(fitting("(?i)needle"), 0 if last is None else last.line)
        page.take(rest)
        page.end()
        if not page.found:
            break
        by_page += page.found[: chance.randrange(1, 4)]
    assert lines(by_page) == expected


def test_a_search_that_stops_between_chunks_says_where_it_goes_on() -> None:
    chunks = chunks_of(TEXT.encode(), random.Random(0))
    first = OutputSearch(containing("needle"))
    first.take(chunks[:9])
    assert first.place is not None
    chunk, line = first.place
    second = OutputSearch(containing("needle"), line)
    second.take([one for one in chunks if one.id >= chunk])
    second.end()
    assert [one.line for one in (*first.found, *second.found)] == [*range(7, 60, 7), 60]


def test_a_line_of_any_length_is_bounded_and_bytes_that_are_no_text_are_passed() -> None:
    data = b"x" * LONGEST_LINE + b"needle\n\xff needle\r\n"
    search = OutputSearch(containing("needle"))
    search.take(chunks_of(data, random.Random(0)))
    search.end()
    assert lines(search.found) == [(1, 2, "\ufffd needle")]
