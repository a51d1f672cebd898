"""The one function that makes a run, whatever triggered it."""

import hashlib
import hmac
import json

from pydantic import JsonValue

from shared.bus.port import Bus, publish_or_leave
from shared.clock import Clock, utc_now
from shared.collections import GONE_REQUESTS, RUNS, STEPS
from shared.contracts.action import Concurrency
from shared.contracts.run import AdvanceRun, Run
from shared.contracts.values import instant_text
from shared.encryption import Sealer
from shared.runs.binding import is_secret
from shared.runs.composing import Composed, RunRequest, compose
from shared.runs.joining import joined
from shared.runs.plan import hold_to_plan
from shared.runs.repository import document_of, run_requested_as
from shared.runs.slots import QueueFullError, leave, reserve
from shared.store.port import DocumentStore, DuplicateKeyError

_KEYED = "hmac-sha256:"
"""What a digest begins with that is keyed by the master key: a request may hold secrets by value, and short ones could
be guessed from a backup otherwise."""


class RequestIdReusedError(Exception):
    """The same request id was used before, for another request."""


class RequestGoneError(RequestIdReusedError):
    """The request had a run before, which is deleted by now."""


async def request_run(
    store: DocumentStore, bus: Bus, sealer: Sealer, request: RunRequest, *, clock: Clock = utc_now
) -> tuple[Run, bool]:
    """Store a run and tell the scheduler; whether it was made now, or is the one of the same request before.

    Once this returns the run is durable and will be carried out, whatever becomes of the message. ``QueueFullError``
    where somebody asks who can be told that as many wait as may. A run of the same schedule or rule that a maintenance
    window holds stands for this one, too.
    """
    if request.request_id is not None and (known := await run_requested_as(store, request.request_id)):
        return _same(known, request, sealer), False
    if request.request_id is not None and (gone := await store.get(GONE_REQUESTS, request.request_id)) is not None:
        raise RequestGoneError(gone["run_id"])
    composed = await compose(store, sealer, request, clock=clock)
    run = composed.run
    if (held := await joined(store, run)) is not None:
        return held, False
    if request.plan_digest is not None or composed.needs_approval():
        await hold_to_plan(store, sealer, request.plan_digest, composed)
    if request.request_id is not None:
        run.request_digest = _KEYED + sealer.digest(_text_of(request))
    try:
        concerned = await _placed(store, composed)
    except QueueFullError:
        known = await run_requested_as(store, run.request_id)
        if known is None:
            raise
        return _same(known, request, sealer), False  # the same was asked at the same time, and has taken the last place
    known = await _stored_before(store, composed)
    if known is None:
        advance = AdvanceRun(run_id=run.id, run=None if _holds_secrets(run) else run)
        await publish_or_leave(bus, advance, *(AdvanceRun(run_id=other) for other in concerned))
        return run, True
    if known.id != run.id:
        concerned |= await leave(store, run, composed.action.definition, run.created_at)
    await publish_or_leave(bus, *(AdvanceRun(run_id=other) for other in concerned))
    return _same(known, request, sealer), False


async def _placed(store: DocumentStore, composed: Composed) -> set[str]:
    """Take a place for the run where somebody hears at once that there is none: ``QueueFullError``. The other runs that
    have to be looked at then.
    """
    run, concurrency = composed.run, composed.action.definition.concurrency
    if concurrency is None or not _is_told_at_once(run, concurrency):
        return set()
    return await reserve(store, run, concurrency, run.created_at)


async def _stored_before(store: DocumentStore, composed: Composed) -> Run | None:
    """Store the run; or where somebody asked the same at the same time, and was first, the run of that."""
    run = composed.run
    for step in composed.planned:
        await store.insert(STEPS, document_of(step))
    try:
        await store.insert(RUNS, document_of(run))
    except DuplicateKeyError:
        known = await run_requested_as(store, run.request_id)
        if known is None:
            raise
        if known.id != run.id:
            for step in composed.planned:
                await store.delete(STEPS, {"id": step.id})
        return known
    return None


def _is_told_at_once(run: Run, concurrency: Concurrency) -> bool:
    """Whether somebody hears at once that the queue is full; else it is told by what becomes of the run."""
    return concurrency.when_full == "queue" and run.trigger.kind in {"manual", "api"} and run.state == "queued"


def _text_of(request: RunRequest) -> str:
    more: list[JsonValue] = [] if request.not_before is None else [instant_text(request.not_before)]
    if request.plan_digest is not None:
        more.append({"plan_digest": request.plan_digest})
    if request.again is not None:
        more.append({"again": request.again.run_id, "carried": list[JsonValue](sorted(request.again.carried))})
    if request.again is not None and request.again.only:
        more.append({"only": {str(index): list[JsonValue](names) for index, names in request.again.only.items()}})
    return json.dumps([request.action, dict(request.parameters), request.trigger.note, *more], sort_keys=True)


def _same(run: Run, request: RunRequest, sealer: Sealer) -> Run:
    """The run, if this is the request that asked for it."""
    if request.request_id is None:  # found by its own id, which nobody else has: it was stored after all
        return run
    text = _text_of(request)
    digest = run.request_digest
    if digest.startswith(_KEYED):
        is_same = hmac.compare_digest(digest, _KEYED + sealer.digest(text))
    else:  # as the first version stored it
        is_same = hmac.compare_digest(digest, hashlib.sha256(text.encode()).hexdigest())
    if not is_same:
        raise RequestIdReusedError(run.id)
    return run


def _holds_secrets(run: Run) -> bool:
    """Not even their ciphertext travels on the bus."""
    return any(is_secret(value) for value in run.parameters.values())
