"""Reading and writing runs and attempts as the models that they are."""

from collections.abc import Sequence

from shared.collections import ATTEMPTS, RUNS, STEPS
from shared.contracts.attempt import STATUS_FIELDS, Attempt, AttemptStatus, step_id
from shared.contracts.run import Run
from shared.contracts.step import PlannedStep
from shared.store.port import Document, DocumentStore, Insert, OneOf, Range, Replace

MOST_ATTEMPTS = 10_000
"""More than a run whose steps have one provider each can have: 200 steps with 20 retries each are 4,200."""


def document_of(model: Run | Attempt | PlannedStep) -> Document:
    """The model as the store keeps it; what is not there is left out."""
    return model.model_dump(mode="json", exclude_none=True)


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
    single = [step_id(run.id, index) for index, step in enumerate(run.steps) if step.invocations is None]
    if len(single) == len(run.steps):
        return await attempts_of(store, run.id)
    return [attempt for step in single for attempt in await _attempts_below(store, step)]


async def _attempts_below(store: DocumentStore, prefix: str) -> list[Attempt]:
    # Ids begin with the run's, or its step's, and a dot; the character after the dot is the end of them.
    documents = await store.find(ATTEMPTS, {"id": Range(above=f"{prefix}.", below=f"{prefix}/")}, limit=MOST_ATTEMPTS)
    return [Attempt.model_validate(document) for document in documents]


async def attempt_statuses(store: DocumentStore, ids: Sequence[str]) -> dict[str, AttemptStatus]:
    """How far these attempts have come, those of them that there are, in one read."""
    if not ids:
        return {}
    found = await store.find(ATTEMPTS, {"id": OneOf(tuple(ids))}, limit=len(ids), fields=STATUS_FIELDS)
    return {document["id"]: AttemptStatus.model_validate(document) for document in found}


async def planned_steps(store: DocumentStore, run: Run) -> list[PlannedStep]:
    """The providers of the wide steps of a run."""
    wide = [index for index, step in enumerate(run.steps) if step.invocations is not None]
    return [await planned_step(store, step_id(run.id, index)) for index in wide]


async def planned_step(store: DocumentStore, step: str) -> PlannedStep:
    """The providers of a wide step; ``LookupError`` where nobody has planned it."""
    document = await store.get(STEPS, step)
    if document is None:
        raise LookupError(f"the step {step} has no document that names its providers")
    return PlannedStep.model_validate(document)


async def insert_attempts(store: DocumentStore, attempts: Sequence[Attempt]) -> None:
    """Store new attempts, but those that are there already, as ids say which attempt it is."""
    if attempts:
        await store.write_in_order([Insert(ATTEMPTS, document_of(attempt)) for attempt in attempts])
