"""Runs: asking for one, ending one, showing one or many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.domain.views import RunView, run_summary, run_view
from catalog.handlers.refusals import ConflictError, UnknownError, unknown
from shared.bus.port import Bus
from shared.clock import Clock, first_id
from shared.collections import RUNS
from shared.contracts.run import SUMMARY_FIELDS, Control, Run, RunState, RunSummary, TriggerKind
from shared.contracts.values import instant_text
from shared.encryption import Sealer
from shared.kinds import ACTION
from shared.runs.composing import ActionMissingError, RunRequest
from shared.runs.repository import RunEndedError, TooManyControlsError, run_of, single_attempts_of, tell_run
from shared.runs.request import request_run
from shared.runs.slots import QueueFullError
from shared.store.port import Condition, DocumentStore, Range, after_id

CLOCK_SLACK = timedelta(minutes=1)
"""How far apart the time in a run's id and its ``created_at`` may be; both are read when it is made."""


@dataclass(frozen=True)
class RunFilter:
    """Which runs are asked for: all that is given has to hold."""

    action: str | None = None
    state: RunState | None = None
    trigger: TriggerKind | None = None
    provider: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def where(self) -> dict[str, Condition]:
        """The same for the store. Ids sort as creation does: they lead to the right part of a long history."""
        where: dict[str, Condition] = {
            key: value
            for key, value in (
                ("action.name", self.action),
                ("state", self.state),
                ("trigger.kind", self.trigger),
                ("providers", self.provider),
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
    return run_view(run, [] if created else await single_attempts_of(store, run)), created


async def control_run(store: DocumentStore, bus: Bus, run_id: str, control: Control) -> RunView:
    """The run, which is told this now; ``UnknownError``, ``ConflictError`` where it has ended or takes no more."""
    try:
        run = await tell_run(store, bus, run_id, control)
    except RunEndedError as error:
        message = f"the run '{run_id}' has ended as {error.run.state}, so there is nothing to {control.kind}"
        raise ConflictError(message) from error
    except TooManyControlsError as error:
        raise ConflictError(str(error)) from error
    if run is None:
        raise UnknownError("run", run_id)
    return run_view(run, await single_attempts_of(store, run))


async def existing_run(store: DocumentStore, run_id: str) -> Run:
    """The run; ``UnknownError`` where there is none."""
    run = await run_of(store, run_id)
    if run is None:
        raise UnknownError("run", run_id)
    return run


async def show_run(store: DocumentStore, run_id: str) -> RunView:
    """Everything about one run; ``UnknownError``."""
    run = await existing_run(store, run_id)
    return run_view(run, await single_attempts_of(store, run))


async def list_runs(
    store: DocumentStore, wanted: RunFilter, after: str | None, limit: int
) -> tuple[Sequence[RunView], str | None]:
    """A page of runs, newest first, in one read; and the id after which the next begins, if there is one."""
    found = await store.find(
        RUNS, wanted.where(), descending=True, after=after_id(after), limit=limit + 1, fields=SUMMARY_FIELDS
    )
    runs = [RunSummary.model_validate(document) for document in found[:limit]]
    return [run_summary(run) for run in runs], runs[-1].id if len(found) > limit else None
