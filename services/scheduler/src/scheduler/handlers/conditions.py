"""What conditions are asked with: the values of a run, of the steps before, and of its alert; only what they read."""

from collections.abc import Sequence
from typing import Any

import structlog
from pydantic import JsonValue

from scheduler.domain.conditions import ConditionAnswer
from scheduler.domain.verdicts import halts, pairs
from scheduler.handlers.context import SchedulerContext
from shared.alerts import stored_alert_of
from shared.collections import ALERTS, ATTEMPTS, OUTPUT
from shared.conditions import ConditionError, known_before, shown_alert
from shared.contracts.action import ActionDefinition, Step
from shared.contracts.attempt import AttemptStatus, attempt_id
from shared.contracts.run import Run
from shared.contracts.step import StepProgress
from shared.runs.repository import attempt_statuses
from shared.store.port import DocumentStore, Range
from shared.written_json import read_json, reckoned

LONGEST_OUTPUT = 65_536
"""In bytes: a condition is not asked about more, as it would be wrong about what it does not see."""

log = structlog.get_logger()


async def answered(
    context: SchedulerContext, run: Run, action: ActionDefinition, step: int | None, reads: Sequence[str]
) -> ConditionAnswer:
    """Whether the condition of a step, or of the action, holds for the run as it is now."""
    text = action.condition if step is None else action.steps[step].when
    try:
        return ConditionAnswer(await context.conditions.holds(text or "", await _values(context, run, action, reads)))
    except ConditionError as error:
        log.info("condition.undecided", run_id=run.id, step=None if step is None else run.steps[step].name)
        return ConditionAnswer(holds=False, error=str(error))


async def _values(
    context: SchedulerContext, run: Run, action: ActionDefinition, reads: Sequence[str]
) -> dict[str, Any]:
    values = known_before(run, context.clock())
    values["run"]["failed"] = any(halts(progress, step) for progress, step in pairs(run, action))
    values["steps"] = await _steps(context.store, run, action, reads)
    values["alert"] = await _alert(context.store, run) if "alert" in reads else None
    return values


async def _alert(store: DocumentStore, run: Run) -> dict[str, Any] | None:
    """The alert that the run answers, as it is known now; none where it answers none."""
    if run.trigger.alert_id is None:
        return None
    document = await store.get(ALERTS, run.trigger.alert_id)
    if document is None:
        message = "the alert that the run answers is not stored any more"
        raise ConditionError(message)
    return shown_alert(stored_alert_of(document).alert)


async def _steps(
    store: DocumentStore, run: Run, action: ActionDefinition, reads: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """What is read of the steps before: this is the one place where that is looked up."""
    wanted: dict[str, set[str]] = {}
    for read in reads:
        if read.startswith("steps."):
            name, _, what = read.removeprefix("steps.").rpartition(".")
            wanted.setdefault(name, set()).add(what)
    steps: dict[str, dict[str, Any]] = {}
    for index, (progress, step) in enumerate(pairs(run, action)):
        if progress.name in wanted:
            found = await _newest_attempt(store, run, index, progress) if wanted[progress.name] != {"state"} else None
            steps[progress.name] = {
                "state": progress.state,
                **{what: await _VALUES[what](store, found, step) for what in wanted[progress.name] if what != "state"},
            }
    return steps


async def _newest_attempt(store: DocumentStore, run: Run, index: int, progress: StepProgress) -> AttemptStatus | None:
    """The last attempt of a step on its one provider; none where it did not run."""
    if progress.invocations is not None:
        message = (
            f"the step '{progress.name}' runs on many providers, or in batches, so it has a state and nothing else"
        )
        raise ConditionError(message)
    newest = attempt_id(progress.carried_from or run.id, index, 0, progress.attempts)
    return (await attempt_statuses(store, [newest])).get(newest) if progress.attempts else None


async def _exit_status(_store: DocumentStore, attempt: AttemptStatus | None, _step: Step) -> JsonValue:
    return None if attempt is None or attempt.outcome is None else attempt.outcome.exit_status


async def _captured(store: DocumentStore, attempt: AttemptStatus | None, step: Step) -> JsonValue:
    """What a step captured, JSON as what it says; null where it captured nothing."""
    document = None if attempt is None else await store.get(ATTEMPTS, attempt.id)
    if document is None:
        return None
    text = (document.get("captured") or {}).get(step.capture)
    if text is None or step.capture != "json":
        return text
    try:
        return reckoned(read_json(text))
    except ValueError as error:  # as an earlier release took it
        raise ConditionError(f"what step '{step.name}' captured {error}") from error


async def _output(store: DocumentStore, attempt: AttemptStatus | None, _step: Step) -> JsonValue:
    """What an attempt printed on standard output, without the line ends behind it, as ``$(…)`` has it, and as commands
    of later steps read it; secrets are masked in it.
    """
    if attempt is None or attempt.outcome is None:
        return ""
    if attempt.outcome.output_bytes > LONGEST_OUTPUT:
        printed = f"the step '{attempt.step}' printed {attempt.outcome.output_bytes} bytes"
        raise ConditionError(f"{printed}; a condition can read {LONGEST_OUTPUT}")
    where = {"id": Range(above=f"{attempt.id}.", below=f"{attempt.id}/")}
    chunks = await store.find(OUTPUT, where, limit=attempt.outcome.output_chunks + 1)
    data = b"".join(chunk["data"] for chunk in chunks if chunk["stream"] == "stdout")
    return data.decode(errors="replace").rstrip("\r\n")


_VALUES = {"exit_status": _exit_status, "output": _output, "captured": _captured}
"""How each of what conditions read of a step is looked up."""
