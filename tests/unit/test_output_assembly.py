"""What holds for output on its way to the store."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from executor.domain.output import OutputAssembler
from shared.contracts.attempt import LARGEST_CHUNK, OutputChunk, OutputStream
from tests.builders import NOON
from tests.builders_commands import an_attempt


def assembled(*pieces: tuple[OutputStream, bytes], output_limit: int = 1_000_000) -> list[OutputChunk]:
    """The chunks of some output, taken after every piece."""
    assembler = OutputAssembler(an_attempt(output_limit=output_limit))
    chunks = []
    for stream, data in pieces:
        assembler.add(stream, data, NOON)
        chunks += assembler.take(NOON)
    return chunks + assembler.finish(NOON)


PIECES = st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.text("aé€\n", max_size=6).map(str.encode)))


@given(st.lists(st.tuples(st.sampled_from(["stdout", "stderr"]), st.binary(max_size=9)), max_size=9), st.booleans())
def test_the_chunks_of_a_stream_are_the_stream_byte_for_byte(
    pieces: list[tuple[OutputStream, bytes]], at_once: bool
) -> None:
    assembler = OutputAssembler(an_attempt())
    chunks = []
    for stream, data in pieces:
        assembler.add(stream, data, NOON)
        chunks += [] if at_once else assembler.take(NOON)
    chunks += assembler.finish(NOON)
    for stream in ("stdout", "stderr"):
        assert b"".join(c.data for c in chunks if c.stream == stream) == b"".join(d for s, d in pieces if s == stream)
    assert assembler.bytes_seen == sum(len(data) for _, data in pieces)
    assert assembler.chunks_made == len(chunks)


@given(PIECES)
def test_seq_offset_and_first_line_are_exact(pieces: list[tuple[OutputStream, bytes]]) -> None:
    chunks = assembled(*pieces)
    whole = b"".join(chunk.data for chunk in chunks)
    assert [chunk.seq for chunk in chunks] == list(range(1, len(chunks) + 1))
    offset = 0
    for chunk in chunks:
        assert chunk.offset == offset
        assert chunk.first_line == whole[:offset].count(b"\n") + 1
        offset += len(chunk.data)


def test_the_streams_stay_in_the_order_in_which_they_came() -> None:
    assembler = OutputAssembler(an_attempt())
    assembler.add("stdout", b"1", NOON)
    assembler.add("stdout", b"2", NOON)
    assembler.add("stderr", b"3", NOON + timedelta(seconds=1))
    assembler.add("stdout", b"4", NOON + timedelta(seconds=2))
    chunks = assembler.take(NOON + timedelta(seconds=3))
    assert [(chunk.stream, chunk.data) for chunk in chunks] == [("stdout", b"12"), ("stderr", b"3"), ("stdout", b"4")]
    assert [chunk.at for chunk in chunks] == [NOON + timedelta(seconds=seconds) for seconds in range(3)]


def test_what_was_taken_is_not_taken_again() -> None:
    assembler = OutputAssembler(an_attempt())
    assembler.add("stdout", b"once", NOON)
    assert assembler.pending == 4
    assert len(assembler.take(NOON)) == 1
    assert assembler.pending == 0
    assert assembler.take(NOON) == []


def test_no_chunk_is_larger_than_it_may_be_and_no_character_is_split() -> None:
    chunks = assembled(("stdout", ("x" + "€" * LARGEST_CHUNK).encode()))
    assert all(len(chunk.data) <= LARGEST_CHUNK for chunk in chunks)
    assert "".join(chunk.data.decode() for chunk in chunks) == "x" + "€" * LARGEST_CHUNK


def test_a_character_that_comes_in_two_pieces_stays_together() -> None:
    chunks = assembled(("stdout", b"price: \xe2"), ("stderr", b"!"), ("stdout", b"\x82\xac\n"))
    assert [chunk.data for chunk in chunks] == [b"price: ", b"!", "€\n".encode()]


def test_the_beginning_of_a_character_that_never_comes_is_not_lost() -> None:
    assembler = OutputAssembler(an_attempt())
    assembler.add("stdout", b"\xe2", NOON)
    assert assembler.take(NOON) == []
    assert [chunk.data for chunk in assembler.take(NOON + timedelta(seconds=2))] == [b"\xe2"]
    assert [chunk.data for chunk in assembled(("stdout", b"\xe2"))] == [b"\xe2"]


def test_beyond_the_limit_one_line_says_what_was_left_out() -> None:
    chunks = assembled(("stdout", b"12345"), ("stderr", b"6789"), ("stdout", b"0"), output_limit=7)
    assert [(chunk.stream, chunk.data) for chunk in chunks[:-1]] == [("stdout", b"12345"), ("stderr", b"67")]
    marker = chunks[-1]
    assert (marker.stream, marker.offset, marker.seq) == ("marker", 7, 3)
    assert (
        marker.data == b"\n[The output limit of 7 bytes is reached: 3 bytes are left out here. The command went on.]\n"
    )


def test_once_something_was_left_out_nothing_follows_even_if_it_would_fit() -> None:
    chunks = assembled(("stdout", b"1234"), ("stdout", "€".encode()), ("stdout", b"5"), output_limit=6)
    assert [chunk.data for chunk in chunks[:-1]] == [b"1234"]
    assert b"4 bytes are left out" in chunks[-1].data


def test_output_of_exactly_the_limit_is_whole() -> None:
    assert [chunk.stream for chunk in assembled(("stdout", b"1234567"), output_limit=7)] == ["stdout"]


def test_no_output_makes_no_chunk() -> None:
    assert assembled(("stdout", b"")) == []
