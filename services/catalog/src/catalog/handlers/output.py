"""Reading stored output: pages of text, or the bytes themselves."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from catalog.domain.output import LONGEST_START, IdRange, OutputItem, OutputText
from catalog.domain.output_search import FoundLine, OutputSearch
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


async def output_lines(store: DocumentStore, ranges: Sequence[IdRange]) -> AsyncIterator[bytes]:
    """Every item of the ranges as JSON, one a line, a page at a time."""
    left = list(ranges)
    while left:
        items, following = await output_page(store, left, CHUNKS_AT_ONCE)
        yield "".join(f"{item.model_dump_json()}\n" for item in items).encode()
        if following is None:
            return
        left = [_behind(one, following) for one in left if one.end > following]


def _behind(one: IdRange, chunk: str) -> IdRange:
    return IdRange(chunk, one.end, after=True) if chunk >= one.start else one


MOST_SEARCHED = 16 * 1024 * 1024
"""Bytes that are looked through for one answer; the next one goes on."""


async def search_output(
    store: DocumentStore, ranges: Sequence[IdRange], search: OutputSearch, limit: int
) -> tuple[list[FoundLine], str | None]:
    """The first lines that fit, no more than the limit; and where to go on, where there may be more."""
    searched = 0
    for one in ranges:
        wanted = one
        while chunks := await chunks_in(store, wanted, CHUNKS_AT_ONCE):
            await asyncio.to_thread(search.take, chunks)
            searched += sum(len(chunk.data) for chunk in chunks)
            if len(search.found) >= limit:
                return _cut(search, limit)
            wanted = IdRange(chunks[-1].id, one.end, after=True)
            if searched >= MOST_SEARCHED and search.place is not None:
                return search.found, "{}:{}".format(*search.place)
    search.end()
    return _cut(search, limit) if len(search.found) > limit else (search.found, None)


def _cut(search: OutputSearch, limit: int) -> tuple[list[FoundLine], str]:
    found = search.found[:limit]
    return found, f"{found[-1].id}:{found[-1].line}"


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
