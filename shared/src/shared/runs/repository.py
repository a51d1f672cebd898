"""Runs and attempts: read and written as the models that they are; told something; and said to have gone on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import structlog

from shared.bus.port import Bus, BusUnavailableError, publish_or_leave
from shared.collections import ATTEMPTS, RUNS, STEPS
from shared.contracts.attempt import STATUS_FIELDS, Attempt, AttemptStatus, step_id
from shared.contracts.run import DECISIONS, ENDED, MOST_PAUSES, AdvanceRun, Control, ControlKind, Run, RunsProgressed
from shared.contracts.step import PlannedStep
from shared.contracts.words import words_in
from shared.store.port import Changes, Document, DocumentStore, Dumped, Insert, OneOf, Range, Replace, Where, after_id

MOST_ATTEMPTS = 10_000
"""More than a run whose steps have one provider each can have: 200 steps with 20 retries each are 4,200."""


STEPS_AT_ONCE = 200
"""Of a provider, read together."""
NOT_ENDED = OneOf(("awaiting_approval", "delayed", "queued", "running"))


BETWEEN_NOTICES = 0.05
"""Seconds between two notices: a lone change is published at once, a flood of them twenty times a second."""
log = structlog.get_logger()


def document_of(model: Run | Attempt | PlannedStep) -> Document:
    """The model as the store keeps it; what is not there is left out."""
    return Dumped(model.model_dump(mode="json", exclude_none=True))


async def run_of(store: DocumentStore, run_id: str) -> Run | None:
    """The run with this id."""
    document = await store.get(RUNS, run_id)
    return None if document is None else Run.model_validate(document)


async def run_requested_as(store: DocumentStore, request_id: str) -> Run | None:
    """The run that this request led to."""
    found = await store.find(RUNS, {"request_id": request_id}, limit=1)
    return Run.model_validate(found[0]) if found else None


async def replace_run(store: DocumentStore, run: Run, attempts: Sequence[Attempt] = ()) -> bool:
    """Store the run if nobody has changed it since it was read, and then its new attempts; whether the run was stored.

    An attempt that is there already is left as it is, as ids say which attempt it is.
    """
    if not attempts:
        is_stored = await store.replace(RUNS, document_of(run), version=run.version)
    else:
        inserting = [Insert(ATTEMPTS, document_of(attempt)) for attempt in attempts]
        [is_stored, *_] = await store.write_in_order([Replace(RUNS, document_of(run), run.version), *inserting])
    if not is_stored:
        return False
    run.version += 1
    return True


async def attempt_of(store: DocumentStore, attempt_id: str) -> Attempt | None:
    """The attempt with this id."""
    document = await store.get(ATTEMPTS, attempt_id)
    return None if document is None else Attempt.model_validate(document)


async def attempts_of(store: DocumentStore, run_id: str) -> list[Attempt]:
    """All attempts of a run, in the order in which they were made."""
    return await _attempts_below(store, run_id)


async def single_attempts_of(store: DocumentStore, run: Run) -> list[Attempt]:
    """The attempts of those steps of a run that have one provider."""
    single = [step_id(run.id, index) for index, step in enumerate(run.steps) if step.provider is not None]
    if len(single) == len(run.steps):
        return await attempts_of(store, run.id)
    return [attempt for step in single for attempt in await _attempts_below(store, step)]


async def running_by_step(store: DocumentStore, run: Run) -> dict[str, int]:
    """On how many providers the command of each wide step under way has begun, by the step's name."""
    under_way = [i for i, step in enumerate(run.steps) if step.invocations is not None and step.state == "running"]
    return {
        run.steps[index].name: await store.count(ATTEMPTS, {"id": _below(step_id(run.id, index)), "state": "running"})
        for index in under_way
    }


def _below(prefix: str) -> Range:
    # Ids begin with the run's, or its step's, and a dot; the character after the dot is the end of them.
    return Range(above=f"{prefix}.", below=f"{prefix}/")


async def _attempts_below(store: DocumentStore, prefix: str) -> list[Attempt]:
    documents = await store.find(ATTEMPTS, {"id": _below(prefix)}, limit=MOST_ATTEMPTS)
    return [Attempt.model_validate(document) for document in documents]


async def attempt_statuses(store: DocumentStore, ids: Sequence[str]) -> dict[str, AttemptStatus]:
    """How far these attempts have come, those of them that there are, in one read."""
    if not ids:
        return {}
    found = await store.find(ATTEMPTS, {"id": OneOf(tuple(ids))}, limit=len(ids), fields=STATUS_FIELDS)
    return {document["id"]: AttemptStatus.model_validate(document) for document in found}


async def planned_steps(store: DocumentStore, run: Run) -> list[PlannedStep]:
    """The providers of the wide steps of a run, but for those that stand as they ended in an earlier run."""
    wide = [i for i, step in enumerate(run.steps) if step.invocations is not None and step.carried_from is None]
    return [await planned_step(store, step_id(run.id, index)) for index in wide]


async def planned_step(store: DocumentStore, step: str) -> PlannedStep:
    """The providers of a wide step; ``LookupError`` where nobody has planned it."""
    document = await store.get(STEPS, step)
    if document is None:
        raise LookupError(f"the step {step} has no document that names its providers")
    return PlannedStep.model_validate(document)


async def run_ids_on(
    store: DocumentStore, provider: str, *, after: str | None = None
) -> AsyncIterator[tuple[str, ...]]:
    """The runs with a wide step on this provider, the newest first, page by page, those before one alone."""
    while True:
        where: Where = {"providers": provider}
        steps = await store.find(
            STEPS, where, descending=True, after=after_id(after), limit=STEPS_AT_ONCE, fields=("run_id",)
        )
        if steps:
            yield tuple(dict.fromkeys(step["run_id"] for step in steps))
        if len(steps) < STEPS_AT_ONCE:
            return
        after = steps[-1]["id"]


async def insert_attempts(store: DocumentStore, attempts: Sequence[Attempt]) -> None:
    """Store new attempts, but those that are there already, as ids say which attempt it is."""
    if attempts:
        await store.write_in_order([Insert(ATTEMPTS, document_of(attempt)) for attempt in attempts])


class RunEndedError(Exception):
    """The run has ended, so there is nothing to tell it."""

    def __init__(self, run: Run) -> None:
        super().__init__(f"the run has ended already: {run.state}")
        self.run = run


class TooManyControlsError(Exception):
    """The run was paused so often that it is not any more."""


async def tell_run(
    store: DocumentStore, bus: Bus, run_id: str, control: Control, fitted: Callable[[Run], Control] | None = None
) -> Run | None:
    """Store what a run is told, and tell the scheduler; the run with it. What holds already is not stored again.

    None where there is no such run, ``RunEndedError`` where it has ended, ``TooManyControlsError``. What is stored is
    acted upon even if the message is lost, since it makes the run due at once. ``fitted`` says what the run, as it is
    when this is stored, is told, or raises where it may not be told so.
    """
    run = await run_of(store, run_id)
    while run is not None and not _holds_already(run, control.kind):
        if run.state in ENDED:
            raise RunEndedError(run)
        if fitted is not None:
            control = fitted(run)
        if control.kind == "pause" and sum(one.kind == "pause" for one in run.controls) >= MOST_PAUSES:
            message = f"the run was paused {MOST_PAUSES} times already, and is not any more; a cancel ends it"
            raise TooManyControlsError(message)
        document = control.model_dump(mode="json", exclude_none=True)
        words = [word for word in words_in([control.comment]) if word not in run.words]
        told: dict[str, list[Any]] = {"controls": [document], **({"words": words} if words else {})}
        changes = Changes(append=told, set={"wake_at": document["at"]})
        if await store.change(RUNS, {"id": run_id, "version": run.version}, changes):
            run.controls.append(control)
            run.words += words
            break
        run = await run_of(store, run_id)
    if run is None:
        return None
    if run.state in ENDED:
        raise RunEndedError(run)
    await publish_or_leave(bus, AdvanceRun(run_id=run_id))
    return run


def _holds_already(run: Run, kind: ControlKind) -> bool:
    """Whether it was told the same last, or is so already."""
    if kind == "cancel":
        return is_cancel_requested(run)
    if kind == "override":
        return any(control.kind == "override" for control in run.controls)
    if kind in DECISIONS:  # every one is somebody's own
        return False
    waiting = [control.kind for control in run.controls[run.consumed :] if control.kind in {"pause", "resume"}]
    return waiting[-1] == kind if waiting else (run.paused is not None) == (kind == "pause")


def is_cancel_requested(run: Run) -> bool:
    """Whether the run's end was asked for, also just now."""
    return any(control.kind == "cancel" for control in run.controls)


def paused_by(run: Run) -> Control | None:
    """What a run that has not ended is paused by, or is about to be."""
    paused = run.paused
    for control in run.controls[run.consumed :]:
        if control.kind in {"cancel", "pause", "resume"}:
            paused = (paused or control) if control.kind == "pause" else None
    return None if run.state in ENDED or run.stop is not None else paused


class ProgressPublisher:
    """Publishes which runs have changed, for whoever shows them."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._changed: set[str] = set()
        self._publishing: asyncio.Task[None] | None = None

    def note(self, run_id: str) -> None:
        """Something about this run changed, and is stored."""
        self._changed.add(run_id)
        if self._publishing is None:
            self._publishing = asyncio.create_task(self._publish(), name="progress notices")

    async def close(self) -> None:
        """Publish what is not published yet."""
        if self._publishing is not None:
            await self._publishing

    async def _publish(self) -> None:
        try:
            while self._changed:
                run_ids, self._changed = sorted(self._changed), set()
                try:
                    await self._bus.publish(RunsProgressed(run_ids=run_ids))
                except BusUnavailableError as error:
                    # Whoever shows a run reads it again by itself after a while.
                    log.debug("progress.untold", runs=len(run_ids), error=str(error))
                await asyncio.sleep(BETWEEN_NOTICES)
        finally:
            self._publishing = None
