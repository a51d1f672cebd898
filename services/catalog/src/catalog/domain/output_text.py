"""Output as text: chunks are cut where they are, and a character may lie across the cut. Pure.

The texts of an attempt's chunks, and what is left at its end, joined in order, are its output decoded as UTF-8,
with U+FFFD for what is not UTF-8. The two streams of a command are texts of their own.
"""

import codecs
from collections.abc import Sequence

from pydantic import Field

from catalog.domain.views import View
from shared.contracts.attempt import OutputChunk, OutputStream, chunk_id
from shared.contracts.values import Instant

LONGEST_START = 3
"""Bytes of a character that can stand before a cut."""


class OutputItem(View):
    """A piece of what a command printed."""

    id: str = Field(examples=["01JX3Q7W8Z5V9K2M4N6P8R0S2T.000.0000.01.00000001"])
    """Its place in the run's output: ``from`` takes it to go on after this piece."""
    seq: int = Field(examples=[1])
    """From 1 within its attempt."""
    step: str = Field(examples=["restart"])
    attempt: int = Field(examples=[1])
    provider: str = Field(examples=["web-1"])
    stream: OutputStream
    at: Instant
    text: str = Field(examples=["Restarting nginx\n"])
    """Joined in order the texts are what was printed; bytes that are not UTF-8 are U+FFFD."""


class OutputText:
    """Decodes the chunks of a run as they follow each other."""

    def __init__(self) -> None:
        self._decoders: dict[tuple[str, OutputStream], codecs.IncrementalDecoder] = {}
        self._last: dict[str, OutputChunk] = {}
        self._seen_from_start: set[str] = set()

    def may_go_on(self, chunk: OutputChunk) -> bool:
        """Whether the chunk may go on with a character whose beginning was not seen here: ``resume`` tells it."""
        is_first_seen = (chunk.attempt_id, chunk.stream) not in self._decoders
        return is_first_seen and chunk.seq > 1 and chunk.attempt_id not in self._seen_from_start

    def resume(self, chunk: OutputChunk, before: bytes) -> None:
        """Say what stands in the same stream before the chunk: at least its last three bytes, where there are as
        many.
        """
        self._decoder(chunk).decode(before)

    def item(self, chunk: OutputChunk) -> OutputItem:
        """The chunk with its text, without a character that is not complete yet."""
        self._seen(chunk)
        return _item(chunk, chunk.seq, chunk.stream, self._decoder(chunk).decode(chunk.data))

    def passes_over(self, chunk: OutputChunk) -> bool:
        """Whether the chunk was counted as seen without being decoded; its last bytes say what it breaks off in."""
        if len(chunk.data) <= LONGEST_START or self.may_go_on(chunk):
            return False
        self._seen(chunk)
        decoder = self._decoder(chunk)
        decoder.reset()
        decoder.decode(chunk.data[-LONGEST_START:])
        return True

    def unfinished(self, attempt_id: str) -> bool:
        """Whether the attempt's output so far ends within a character."""
        return any(decoder.getstate()[0] for key, decoder in self._decoders.items() if key[0] == attempt_id)

    def rest(self, attempt_id: str) -> Sequence[OutputItem]:
        """What is left of an attempt that will print no more: the beginnings of characters that never came."""
        last = self._last.pop(attempt_id, None)
        self._seen_from_start.discard(attempt_id)
        items: list[OutputItem] = []
        for key in [key for key in self._decoders if key[0] == attempt_id]:
            text = self._decoders.pop(key).decode(b"", final=True)
            if text and last is not None:
                items.append(_item(last, last.seq + 1 + len(items), key[1], text))
        return items

    def _seen(self, chunk: OutputChunk) -> None:
        self._last[chunk.attempt_id] = chunk
        if chunk.seq == 1:
            self._seen_from_start.add(chunk.attempt_id)

    def _decoder(self, chunk: OutputChunk) -> codecs.IncrementalDecoder:
        key = (chunk.attempt_id, chunk.stream)
        if key not in self._decoders:
            self._decoders[key] = codecs.getincrementaldecoder("utf-8")("replace")
        return self._decoders[key]


def _item(chunk: OutputChunk, seq: int, stream: OutputStream, text: str) -> OutputItem:
    return OutputItem.model_construct(
        id=chunk_id(chunk.attempt_id, seq),
        seq=seq,
        step=chunk.step,
        attempt=chunk.attempt,
        provider=chunk.provider,
        stream=stream,
        at=chunk.at,
        text=text,
    )
