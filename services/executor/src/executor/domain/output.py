"""Assembling output: from pieces as they arrive to chunks as they are stored."""

import codecs
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.contracts.attempt import LARGEST_CHUNK, Attempt, OutputChunk, OutputStream, chunk_id

_Utf8Decoder = codecs.getincrementaldecoder("utf-8")
_LONGEST_CHARACTER = 4
"""In bytes of UTF-8."""
LONGEST_WAIT_FOR_A_CHARACTER = timedelta(seconds=1)
"""After which the beginning of one is taken for what it is, some bytes."""
_LEFT_IN_BACKGROUND = (
    "Something was left in the background. What it prints from now on is not taken, and it may end when it prints: "
    "give it a file, such as >/var/log/x.log 2>&1"
)


@dataclass
class _Stretch:
    """What came on one stream before something came on the other."""

    stream: OutputStream
    at: datetime
    data: bytearray


class OutputAssembler:
    """Makes chunks of at most ``LARGEST_CHUNK`` bytes, in the order in which the output arrived.

    A character of UTF-8 that came in two pieces stays together. Beyond the attempt's limit the output is counted and
    left out; a last chunk then says so.
    """

    def __init__(self, attempt: Attempt) -> None:
        self.bytes_seen = 0
        """How much there was, whether in chunks or left out."""
        self.chunks_made = 0
        self.pending = 0
        """Bytes that can be taken."""
        self._attempt = attempt
        self._stretches: list[_Stretch] = []
        self._begun_characters: dict[OutputStream, tuple[bytes, datetime]] = {}
        self._room = attempt.output_limit
        self._left_out = 0
        self._offset, self._line = 0, 1
        self._ends_a_line = True
        self._left_in_background = False

    def add(self, stream: OutputStream, data: bytes, at: datetime) -> None:
        """Take a piece of output that arrived then."""
        if not data:
            return
        self.bytes_seen += len(data)
        begun, _ = self._begun_characters.pop(stream, (b"", at))
        data = begun + data
        whole = _end_of_whole_characters(data)
        if whole < len(data):
            self._begun_characters[stream] = data[whole:], at
            data = data[:whole]
        self._append(stream, data, at)

    def take(self, at: datetime) -> list[OutputChunk]:
        """The chunks of what has arrived until now."""
        return self._taken(characters_begun_before=at - LONGEST_WAIT_FOR_A_CHARACTER)

    def _taken(self, *, characters_begun_before: datetime) -> list[OutputChunk]:
        self._complete_characters(characters_begun_before)
        stretches, self._stretches, self.pending = self._stretches, [], 0
        return [
            self._chunk(stretch.stream, data, stretch.at) for stretch in stretches for data in _pieces(stretch.data)
        ]

    def note_background(self) -> None:
        """Something was left in the background, and what it prints from now on is not taken; a last chunk says so."""
        self._left_in_background = True

    def finish(self, at: datetime) -> list[OutputChunk]:
        """The last chunks; nothing comes after them."""
        chunks = self._taken(characters_begun_before=at + LONGEST_WAIT_FOR_A_CHARACTER)
        if self._left_out:
            chunks.append(self._chunk("marker", self._marker(self._limit_reached()), at))
        if self._left_in_background:
            chunks.append(self._chunk("marker", self._marker(_LEFT_IN_BACKGROUND), at))
        return chunks

    def _complete_characters(self, begun_before: datetime) -> None:
        for stream, (data, at) in list(self._begun_characters.items()):
            if at <= begun_before:
                del self._begun_characters[stream]
                self._append(stream, data, at)

    def _append(self, stream: OutputStream, data: bytes, at: datetime) -> None:
        if len(data) > self._room:
            fitting = data[: self._room]
            fitting = fitting[: _end_of_whole_characters(fitting)]
            self._left_out += len(data) - len(fitting)
            self._room, data = 0, fitting
        else:
            self._room -= len(data)
        if not data:
            return
        self.pending += len(data)
        if self._stretches and self._stretches[-1].stream == stream:
            self._stretches[-1].data += data
        else:
            self._stretches.append(_Stretch(stream, at, bytearray(data)))

    def _chunk(self, stream: OutputStream, data: bytes, at: datetime) -> OutputChunk:
        self.chunks_made += 1
        chunk = OutputChunk(
            id=chunk_id(self._attempt.id, self.chunks_made),
            run_id=self._attempt.run_id,
            attempt_id=self._attempt.id,
            step=self._attempt.step,
            attempt=self._attempt.number,
            provider=self._attempt.provider,
            seq=self.chunks_made,
            stream=stream,
            at=at,
            first_line=self._line,
            offset=self._offset,
            data=data,
        )
        self._offset += len(data)
        self._line += data.count(b"\n")
        self._ends_a_line = data.endswith(b"\n")
        return chunk

    def _limit_reached(self) -> str:
        limit, left_out = self._attempt.output_limit, self._left_out
        return (
            f"The output limit of {limit:,} bytes is reached: {left_out:,} bytes are left out here. "
            "The command went on."
        )

    def _marker(self, text: str) -> bytes:
        line_end = "" if self._ends_a_line else "\n"
        return f"{line_end}[{text}]\n".encode()


def _pieces(data: bytearray) -> list[bytes]:
    pieces = []
    while len(data) > LARGEST_CHUNK:
        end = _end_of_whole_characters(data[:LARGEST_CHUNK]) or LARGEST_CHUNK
        pieces.append(bytes(data[:end]))
        del data[:end]
    return [*pieces, bytes(data)]


def _end_of_whole_characters(data: bytes | bytearray) -> int:
    """Where a character begins at the end of the data that is not whole; else the length of the data."""
    decoder = _Utf8Decoder("replace")
    decoder.decode(data[1 - _LONGEST_CHARACTER :])
    begun, _ = decoder.getstate()
    return len(data) - len(begun)
