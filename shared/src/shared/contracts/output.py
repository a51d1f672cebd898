"""Output: what a shell command printed, in chunks."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.contracts.values import Instant

LARGEST_CHUNK = 65_536
"""In bytes."""
DEFAULT_OUTPUT_LIMIT = 10 * 1024 * 1024
"""In bytes, for one attempt."""

OutputStream = Literal["stdout", "stderr", "marker"]
"""``marker`` is what the product itself says about the output, such as where its limit cut it."""


class OutputChunk(BaseModel):
    """A piece of an attempt's output: the pieces in the order of ``seq`` are the stream, byte for byte."""

    model_config = ConfigDict(frozen=True)

    id: str
    """``ATTEMPT.SEQ``, with SEQ of eight digits: the ids of a run's chunks sort as its output reads."""
    run_id: str
    attempt_id: str
    step: str
    attempt: int
    provider: str
    seq: int
    """From 1 within its attempt, without gaps."""
    stream: OutputStream
    at: Instant
    first_line: int
    """The number, from 1 within the attempt, of the line that this chunk begins in."""
    offset: int
    """How many bytes of the attempt's output stand before it."""
    data: bytes


def chunk_id(attempt_id: str, seq: int) -> str:
    """The id of an attempt's chunk."""
    return f"{attempt_id}.{seq:08d}"
