"""Runs: asking for one, ending one, showing one or many."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from catalog.domain.explanation import MOST_NAMED, ExplanationView, Failure, explanation
from catalog.domain.invocations import (
    InvocationStatus,
    InvocationView,
    invocation_statuses,
    invocation_views,
    newest_attempt,
)
from catalog.domain.run_views import run_summary, run_view
from catalog.domain.views import RunView
from catalog.handlers.refusals import ConflictError, UnknownError, unknown
from shared.bus.port import Bus
from shared.clock import Clock, first_id
from shared.collections import ATTEMPTS, RUNS
from shared.contracts.attempt import Attempt, step_id
from shared.contracts.run import SUMMARY_FIELDS, Control, Run, RunState, RunSummary
from shared.contracts.step import StepProgress, StepState
from shared.contracts.trigger import TriggerKind
from shared.contracts.values import instant_text
from shared.encryption import Sealer
from shared.kinds import ACTION
from shared.runs.composing import ActionMissingError, RunRequest
from shared.runs.repository import (
    RunEndedError,
    TooManyControlsError,
    planned_step,
    run_ids_on,
    run_of,
    running_by_step,
    single_attempts_of,
    tell_run,
)
from shared.runs.request import request_run
from shared.runs.slots import QueueFullError
from shared.store.port import AllOf, Condition, Document, DocumentStore, OneOf, Range, after_id

CLOCK_SLACK = timedelta(minutes=1)
"""How far apart the time in a run's id and its ``created_at`` may be; both are read when it is made."""


@dataclass(frozen=True)
class RunFilter:
    """Which runs are asked for: all that is given has to hold."""

    action: str | None = None
    states: tuple[RunState, ...] = ()
    """In one of these; in any where none is given."""
    trigger: TriggerKind | None = None
    provider: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    by: str | None = None
    """Who or what asked: a token by its name or uid, an alert rule or a schedule by its name."""
    words: tuple[str, ...] = ()
    """All of which stand in what people wrote of the run, or in what it was given."""

    def where(self) -> dict[str, Condition]:
        """The same for the store. Ids sort as creation does: they lead to the right part of a long history."""
        where: dict[str, Condition] = {
            key: value
            for key, value in (
                ("action.name", self.action),
                ("state", OneOf(self.states) if self.states else None),
                ("trigger.kind", self.trigger),
                ("providers", self.provider),
                # Names are in lower case.
                ("trigger.principal_id" if self.by is not None and self.by.isupper() else "trigger.by", self.by),
                ("words", AllOf(self.words) if self.words else None),
            )
            if value is not None
        }
        if self.since is not None or self.until is not None:
            where["created_at"] = Range(at_least=_text(self.since), at_most=_text(self.until))
            where["id"] = Range(at_least=_id_at(self.since, -CLOCK_SLACK), below=_id_at(self.until, CLOCK_SLACK))
        return where


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant_text(instant)


def _id_at(instant: datetime | None, later: timedelta) -> str | None:
    return None if instant is None else first_id(instant, later=later)


async def ask_for_run(
    store: DocumentStore, bus: Bus, sealer: Sealer, request: RunRequest, *, clock: Clock
) -> tuple[RunView, bool]:
    """The run that the request leads to, and whether it was made now; ``UnknownError`` where there is no action,
    ``ConflictError`` where as many of its runs wait as may.
    """
    try:
        run, created = await request_run(store, bus, sealer, request, clock=clock)
    except ActionMissingError as error:
        raise await unknown(store, ACTION, request.action) from error
    except QueueFullError as error:
        raise ConflictError(str(error)) from error
    return run_view(run, []) if created else await _shown(store, run), created


async def control_run(
    store: DocumentStore, bus: Bus, run_id: str, control: Control, fitted: Callable[[Run], Control] | None = None
) -> RunView:
    """The run, which is told this now; ``UnknownError``, ``ConflictError`` where it has ended or takes no more. What
    ``fitted`` says is as in ``tell_run``.
    """
    try:
        run = await tell_run(store, bus, run_id, control, fitted)
    except RunEndedError as error:
        message = f"the run '{run_id}' has ended as {error.run.state}, so there is nothing to {control.kind}"
        raise ConflictError(message) from error
    except TooManyControlsError as error:
        raise ConflictError(str(error)) from error
    if run is None:
        raise UnknownError("run", run_id)
    return await _shown(store, run)


async def require_held(store: DocumentStore, run_id: str) -> None:
    """``ConflictError`` where the run waits for no maintenance window, nor was let pass before; ``UnknownError``."""
    run = await existing_run(store, run_id)
    is_held = run.waiting_for is not None and run.waiting_for.gate == "window"
    if not is_held and not any(control.kind == "override" for control in run.controls):
        message = f"the run '{run_id}' waits for no maintenance window, so there is nothing to override"
        raise ConflictError(message)


async def existing_run(store: DocumentStore, run_id: str) -> Run:
    """The run; ``UnknownError`` where there is none."""
    run = await run_of(store, run_id)
    if run is None:
        raise UnknownError("run", run_id)
    return run


async def show_run(store: DocumentStore, run_id: str) -> RunView:
    """Everything about one run; ``UnknownError``."""
    return await _shown(store, await existing_run(store, run_id))


async def _shown(store: DocumentStore, run: Run) -> RunView:
    return run_view(run, await single_attempts_of(store, run), await running_by_step(store, run))


async def list_invocations(
    store: DocumentStore, run_id: str, step: str, *, state: StepState | None, after: int, limit: int
) -> tuple[list[InvocationView], int | None]:
    """A page of a step's invocations behind one of them, in order; and the one after which the next page begins.

    ``UnknownError`` where there is no such run, or the run has no such step.
    """
    run = await existing_run(store, run_id)
    names = [one.name for one in run.steps]
    if step not in names:
        raise UnknownError(f"step of the run '{run_id}' that is called", step, names)
    index = names.index(step)
    if (earlier := run.steps[index].carried_from) is not None:
        return await list_invocations(store, earlier, step, state=state, after=after, limit=limit)
    is_wide = run.steps[index].invocations is not None
    planned = await planned_step(store, step_id(run.id, index)) if is_wide else None
    # Whether one that was queued has begun only its attempt knows, so those are read before they are chosen.
    stored_as = "queued" if state == "running" else state
    candidates = [
        status
        for status in invocation_statuses(run, index, planned)
        if status.index > after and stored_as in {None, status.state}
    ]
    found: list[InvocationView] = []
    while candidates and len(found) <= limit:
        part, candidates = candidates[: limit + 1], candidates[limit + 1 :]
        attempts = await _newest_attempts(store, run, index, part)
        views = invocation_views(run, index, part, attempts)
        found += [view for view in views if state in {None, view.state}]
    return found[:limit], found[limit - 1].invocation if len(found) > limit else None


async def explain_run(store: DocumentStore, run_id: str) -> ExplanationView:
    """A run in sentences; ``UnknownError``."""
    run = await existing_run(store, run_id)
    return explanation(
        run, {step.name: await _failures(store, run_id, step) for step in run.steps if _has_failed(step)}
    )


def _has_failed(step: StepProgress) -> bool:
    """Whether a step on many providers has ended, and on some of them without success."""
    return step.carried_from is None and step.invocations is not None and bool(step.invocations.failed_providers)


async def _failures(store: DocumentStore, run_id: str, step: StepProgress) -> list[Failure]:
    """The first providers on which it failed, and why."""
    failed: list[InvocationView] = []
    for state in _FAILURES:
        found, _ = await list_invocations(store, run_id, step.name, state=state, after=-1, limit=MOST_NAMED)
        failed += found
    return [
        Failure(one.provider, one.state == "unknown", (one.attempt.reason_text if one.attempt else None) or "")
        for one in failed[:MOST_NAMED]
    ]


_FAILURES: tuple[StepState, ...] = ("failed", "unknown")


async def _newest_attempts(
    store: DocumentStore, run: Run, step_index: int, statuses: Sequence[InvocationStatus]
) -> dict[str, Attempt]:
    ids = [newest for status in statuses if (newest := newest_attempt(run, step_index, status)) is not None]
    if not ids:
        return {}
    found = await store.find(ATTEMPTS, {"id": OneOf(tuple(ids))}, limit=len(ids))
    return {document["id"]: Attempt.model_validate(document) for document in found}


async def list_runs(
    store: DocumentStore, wanted: RunFilter, after: str | None, limit: int
) -> tuple[Sequence[RunView], str | None]:
    """A page of runs, newest first; and the id after which the next begins, if there is one."""
    # One read for each state, of which each goes along an index however many runs are in any of them.
    wheres = [wanted.where() | ({} if state is None else {"state": state}) for state in wanted.states or (None,)]
    options: dict[str, Any] = {"descending": True, "after": after_id(after), "limit": limit + 1}
    read = await asyncio.gather(*(store.find(RUNS, where, fields=SUMMARY_FIELDS, **options) for where in wheres))
    found = [run for of_state in read for run in of_state]
    if wanted.provider is not None:
        found += await _with_wide_step_on(store, wanted, wanted.provider, after, limit + 1)
    found = sorted({run["id"]: run for run in found}.values(), key=lambda run: run["id"], reverse=True)
    runs = [RunSummary.model_validate(document) for document in found[:limit]]
    return [run_summary(run) for run in runs], runs[-1].id if len(found) > limit else None


async def _with_wide_step_on(
    store: DocumentStore, wanted: RunFilter, provider: str, after: str | None, most: int
) -> list[Document]:
    """The newest runs behind one that have the provider among those of a wide step, and are as is asked for."""
    others = {key: condition for key, condition in wanted.where().items() if key not in {"id", "providers"}}
    found: list[Document] = []
    async for run_ids in run_ids_on(store, provider, after=after):
        where = {**others, "id": OneOf(run_ids)}
        found += await store.find(RUNS, where, descending=True, limit=len(run_ids), fields=SUMMARY_FIELDS)
        if len(found) >= most:
            break
    return found
