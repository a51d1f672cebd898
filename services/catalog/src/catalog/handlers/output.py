"""Reading stored output: pages of text, or the bytes themselves."""

from collections.abc import AsyncIterator, Sequence

from catalog.domain.output import LONGEST_START, IdRange, OutputItem, OutputText
from shared.collections import OUTPUT
from shared.contracts.attempt import ATTEMPT_ENDED, OutputChunk, chunk_id
from shared.runs.repository import attempt_of
from shared.store.port import DocumentStore, Range

CHUNKS_AT_ONCE = 32
"""Chunks read at a time: two megabytes at most."""

MOST_CHUNKS_BACK = 128
"""Chunks read at a time where the stream that a chunk goes on with lies far back."""


async def chunks_in(store: DocumentStore, wanted: IdRange, limit: int) -> list[OutputChunk]:
    """The first chunks of a range."""
    bound = Range(
        above=wanted.start if wanted.after else None,
        at_least=None if wanted.after else wanted.start,
        below=wanted.end,
    )
    found = await store.find(OUTPUT, {"id": bound}, limit=limit)
    return [OutputChunk.model_validate(document) for document in found]


async def output_bytes(store: DocumentStore, ranges: Sequence[IdRange]) -> AsyncIterator[bytes]:
    """Everything in the ranges, byte for byte, a few chunks at a time."""
    for one in ranges:
        wanted = one
        while chunks := await chunks_in(store, wanted, CHUNKS_AT_ONCE):
            yield b"".join(chunk.data for chunk in chunks)
            if len(chunks) < CHUNKS_AT_ONCE:
                break
            wanted = IdRange(chunks[-1].id, one.end, after=True)


async def output_page(
    store: DocumentStore, ranges: Sequence[IdRange], limit: int
) -> tuple[list[OutputItem], str | None]:
    """The first items of the ranges, and where the next page goes on, if there is one now."""
    chunks: list[OutputChunk] = []
    for one in ranges:
        chunks += await chunks_in(store, one, limit + 1 - len(chunks))
        if len(chunks) > limit:
            break
    page, more = chunks[:limit], chunks[limit:]
    items = await _items(store, page, more)
    return items, page[-1].id if more else None


async def _items(store: DocumentStore, page: list[OutputChunk], more: list[OutputChunk]) -> list[OutputItem]:
    text, items = OutputText(), list[OutputItem]()
    for index, chunk in enumerate(page):
        items.append(await item_of(store, text, chunk))
        following = page[index + 1 :] or more
        is_last = not following or following[0].attempt_id != chunk.attempt_id
        if is_last and text.unfinished(chunk.attempt_id) and await _has_ended(store, chunk.attempt_id):
            items += text.rest(chunk.attempt_id)
    return items


async def item_of(store: DocumentStore, text: OutputText, chunk: OutputChunk) -> OutputItem:
    """The chunk as text; where it may go on with a character, what stands before it is read too."""
    if text.may_go_on(chunk):
        text.resume(chunk, await _before(store, chunk))
    return text.item(chunk)


async def _has_ended(store: DocumentStore, attempt_id: str) -> bool:
    attempt = await attempt_of(store, attempt_id)
    return attempt is None or attempt.state in ATTEMPT_ENDED


async def _before(store: DocumentStore, chunk: OutputChunk) -> bytes:
    """The last bytes before a chunk in its own stream: most often those of the very chunk before it."""
    before, end, limit = b"", chunk.id, 1
    while len(before) < LONGEST_START:
        bound = Range(at_least=chunk_id(chunk.attempt_id, 1), below=end)
        found = await store.find(OUTPUT, {"id": bound}, descending=True, limit=limit)
        for document in found:
            if document["stream"] == chunk.stream and len(before) < LONGEST_START:
                before = document["data"] + before
        if len(found) < limit:
            break
        end, limit = found[-1]["id"], min(4 * limit, MOST_CHUNKS_BACK)
    return before[-LONGEST_START:]
