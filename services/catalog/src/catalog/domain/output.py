"""What commands printed: which part of it is asked for, and that part as text. Pure.

Chunk ids sort as the output reads, so a part is a few ranges of ids.

Chunks are cut where they are, and a character may lie across the cut. The texts of an attempt's chunks, and what is
left at its end, joined in order, are its output decoded as UTF-8, with U+FFFD for what is not UTF-8. The two streams of
a command are texts of their own.
"""

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from catalog.domain.views import View
from shared.contracts.attempt import OutputChunk, OutputStream, attempt_id, chunk_id, step_id
from shared.contracts.problem import FieldError, nearest
from shared.contracts.run import Run
from shared.contracts.step import PlannedStep
from shared.contracts.values import Instant

_AFTER_DOT = "/"
"""The character that follows the dot: ``a.`` up to ``a/`` is all that begins with ``a.``."""


@dataclass(frozen=True)
class OutputFilter:
    """What somebody wants to read."""

    step: str | None = None
    attempt: int | None = None
    provider: str | None = None
    start: str | None = None
    """A chunk's id to go on after; or, within one attempt, the number of the chunk to begin with."""


@dataclass(frozen=True)
class IdRange:
    """Chunks from one id (itself left out where it is ``after``) up to another, left out."""

    start: str
    end: str
    after: bool = False


class OutputFilterError(ValueError):
    """What is asked for cannot be; the error names its field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.error = FieldError(field=field, message=message)


def output_ranges(run: Run, wanted: OutputFilter, planned: Sequence[PlannedStep] = ()) -> list[IdRange]:
    """The ranges of ids that hold what is asked for, in reading order; ``OutputFilterError``.

    ``planned`` are the run's steps that have more than one provider.
    """
    ranges = _wanted(run, wanted, {step.step_index: step for step in planned})
    if wanted.start is None:
        return ranges
    if wanted.start.isdigit():
        return [_from_number(ranges, wanted)]
    if not wanted.start.startswith(f"{run.id}.") or len(wanted.start) != len(chunk_id(attempt_id(run.id, 0, 0, 1), 1)):
        message = "is neither what an earlier answer had in 'next' nor the 'id' of an item of this run"
        raise OutputFilterError("from", message)
    start = wanted.start
    return [_cut(one, start) for one in ranges if one.end > start]


def from_chunk(ranges: Sequence[IdRange], chunk: str) -> list[IdRange]:
    """What is left of the ranges from a chunk on, itself included."""
    return [IdRange(max(one.start, chunk), one.end) for one in ranges if one.end > chunk]


def _wanted(run: Run, wanted: OutputFilter, planned: Mapping[int, PlannedStep]) -> list[IdRange]:
    names = [step.name for step in run.steps]
    if wanted.step is not None and wanted.step not in names:
        raise OutputFilterError("step", f"the run has no step '{wanted.step[:80]}'{nearest(wanted.step, names)}")
    providers = [*run.providers, *(name for step in planned.values() for name in step.providers)]
    if wanted.provider is not None and wanted.provider not in providers:
        message = (
            f"the run has nothing to do with a provider '{wanted.provider[:80]}'{nearest(wanted.provider, providers)}"
        )
        raise OutputFilterError("provider", message)
    if wanted.attempt is not None and wanted.step is None:
        raise OutputFilterError("attempt", "is counted within a step: name the 'step' too")
    if wanted.step is None and wanted.provider is None:
        return [_all_below(run.id)]
    if wanted.attempt is not None and wanted.provider is None and names.index(str(wanted.step)) in planned:
        raise OutputFilterError("attempt", "is counted within step and provider: name the 'provider', too")
    found = [_prefix(run, index, wanted, planned.get(index)) for index in range(len(run.steps))]
    return [_all_below(prefix) for prefix in found if prefix is not None]


def _prefix(run: Run, index: int, wanted: OutputFilter, planned: PlannedStep | None) -> str | None:
    """What the ids of all that is asked for of a step begin with; none where nothing of it is."""
    step = run.steps[index]
    providers = [step.provider] if planned is None else planned.providers
    if wanted.step not in {None, step.name} or (wanted.provider is not None and wanted.provider not in providers):
        return None
    if wanted.provider is None and wanted.attempt is None:
        return step_id(run.id, index)
    invocation = 0 if wanted.provider is None else providers.index(wanted.provider)
    of_first = attempt_id(run.id, index, invocation, wanted.attempt or 1)
    return of_first if wanted.attempt is not None else of_first.rpartition(".")[0]


def _all_below(prefix: str) -> IdRange:
    return IdRange(f"{prefix}.", f"{prefix}{_AFTER_DOT}")


def _from_number(ranges: list[IdRange], wanted: OutputFilter) -> IdRange:
    if wanted.attempt is None or len(ranges) != 1:
        raise OutputFilterError(
            "from", "is a number only within one attempt: name its 'step' and 'attempt', or use 'next'"
        )
    return IdRange(chunk_id(ranges[0].start[:-1], min(int(wanted.start or 0), 99_999_999)), ranges[0].end)


def _cut(one: IdRange, start: str) -> IdRange:
    return IdRange(start, one.end, after=True) if start >= one.start else one


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
    return OutputItem(
        id=chunk_id(chunk.attempt_id, seq),
        seq=seq,
        step=chunk.step,
        attempt=chunk.attempt,
        provider=chunk.provider,
        stream=stream,
        at=chunk.at,
        text=text,
    )
