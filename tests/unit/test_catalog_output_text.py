"""Output as text: whatever the cuts, the texts are the stream."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.output import LONGEST_START, OutputText
from tests.builders import a_run, an_action
from tests.builders_catalog import a_chunk, an_attempt

ATTEMPT = an_attempt(a_run(an_action()))
PIECES = st.lists(st.one_of(st.binary(max_size=6), st.sampled_from(["é", "€", "😀"]).map(str.encode)), max_size=8)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, rest = [], data
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    return [piece for piece in [*pieces, rest] if piece]


@given(PIECES.map(b"".join), st.lists(st.integers(1, 5), max_size=12))
def test_texts_joined_are_the_output_wherever_it_was_cut(data: bytes, sizes: list[int]) -> None:
    text = OutputText()
    items = [text.item(a_chunk(ATTEMPT, seq, piece)) for seq, piece in enumerate(cut(data, sizes), start=1)]
    items += text.rest(ATTEMPT.id)
    assert "".join(item.text for item in items) == data.decode(errors="replace")
    assert [item.seq for item in items] == list(range(1, len(items) + 1))


@given(PIECES.map(b"".join), st.lists(st.integers(1, 5), min_size=1, max_size=12), st.data())
def test_reading_on_from_any_cut_gives_the_texts_of_reading_at_once(
    data: bytes, sizes: list[int], choice: st.DataObject
) -> None:
    chunks = [a_chunk(ATTEMPT, seq, piece) for seq, piece in enumerate(cut(data, sizes), start=1)]
    whole = OutputText()
    texts = [whole.item(chunk).text for chunk in chunks]
    start = choice.draw(st.integers(0, len(chunks)))
    later, read = OutputText(), []
    for chunk in chunks[start:]:
        if later.may_go_on(chunk):
            later.resume(chunk, b"".join(earlier.data for earlier in chunks[:start])[-LONGEST_START:])
        read.append(later.item(chunk).text)
    assert read == texts[start:]


@given(PIECES.map(b"".join), st.lists(st.integers(1, 5), max_size=12), st.data())
def test_what_is_passed_over_leaves_the_same_rest_as_what_is_decoded(
    data: bytes, sizes: list[int], choice: st.DataObject
) -> None:
    chunks = [a_chunk(ATTEMPT, seq, piece) for seq, piece in enumerate(cut(data, sizes), start=1)]
    whole, passing = OutputText(), OutputText()
    for chunk in chunks:
        item = whole.item(chunk)
        if not (choice.draw(st.booleans()) and passing.passes_over(chunk)):
            assert passing.item(chunk) == item
    assert passing.rest(ATTEMPT.id) == whole.rest(ATTEMPT.id)


def test_the_two_streams_of_a_command_do_not_mix() -> None:
    text = OutputText()
    euro = "€".encode()
    chunks = [
        a_chunk(ATTEMPT, 1, euro[:1], "stdout"),
        a_chunk(ATTEMPT, 2, b"oops", "stderr"),
        a_chunk(ATTEMPT, 3, euro[1:], "stdout"),
    ]
    assert [text.item(chunk).text for chunk in chunks] == ["", "oops", "€"]


def test_a_character_that_never_came_is_one_replacement_at_the_end() -> None:
    text = OutputText()
    text.item(a_chunk(ATTEMPT, 1, "a€".encode()[:-1]))
    assert text.unfinished(ATTEMPT.id)
    assert [(item.seq, item.text) for item in text.rest(ATTEMPT.id)] == [(2, "\ufffd")]
    assert text.rest(ATTEMPT.id) == []


def test_a_character_that_broke_off_before_the_cut_is_told_after_it() -> None:
    text = OutputText()
    later = a_chunk(ATTEMPT, 2, b"plain")
    assert text.may_go_on(later)
    text.resume(later, b"\xc2")
    assert text.item(later).text == "\ufffdplain"
