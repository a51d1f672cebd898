"""What steps read of earlier ones: looked up in the attempts that captured it, which alone keep it."""

from collections.abc import Mapping

from scheduler.domain.attempts import Captured
from scheduler.handlers.context import SchedulerContext
from shared.captures import CaptureReference, capture_reference, value_at
from shared.collections import ATTEMPTS
from shared.contracts.attempt import AttemptKey, CaptureSource, attempt_id, step_id
from shared.contracts.run import Run
from shared.definitions import ActionVersion
from shared.runs.repository import planned_step
from shared.store.port import OneOf


class _MissingError(LookupError):
    """A step has captured nothing that could be read, for the reason that this says."""


async def captured_for(
    context: SchedulerContext, run: Run, version: ActionVersion, providers: Mapping[AttemptKey, str]
) -> dict[AttemptKey, Captured]:
    """What each of these attempts, on these providers, reads of earlier steps; nothing for those that read nothing."""
    reads = version.compiled.reads if version.compiled is not None else {}
    found = {key: Captured() for key in providers if key.step_index in reads}
    if not found:
        return {}
    steps = version.definition.steps
    sources = _Sources(context, run)
    for key, captured in found.items():
        for name in reads[key.step_index]:
            reference = capture_reference(name, steps, before=key.step_index)
            try:
                source = await sources.attempt(reference, providers[key])
                at = {"attempt_id": source, "capture": reference.capture, "path": list(reference.path)}
                captured.sources.append(CaptureSource(name=name, **at))
            except _MissingError as missing:
                step = steps[reference.step_index].name
                captured.problem = f"{{{{ {name} }}}} has no value, as the step '{step}' {missing}"
    await _read(context, found)
    return found


class _Sources:
    """Which attempt has what a step captured: its last one, of several providers that on the reader's own."""

    def __init__(self, context: SchedulerContext, run: Run) -> None:
        self._context, self._run = context, run
        self._wide: dict[int, dict[str, str]] = {}

    async def attempt(self, reference: CaptureReference, provider: str) -> str:
        index = reference.step_index
        progress = self._run.steps[index]
        if progress.invocations is None:
            if not progress.attempts:
                message = f"did not run ({progress.state})"
                raise _MissingError(message)
            return attempt_id(progress.carried_from or self._run.id, index, 0, progress.attempts)
        if index not in self._wide:
            run_id = progress.carried_from or self._run.id
            planned = await planned_step(self._context.store, step_id(run_id, index))
            # Where the step has just ended, its texts have not moved yet.
            numbers = [int(number, 36) for number in progress.invocations.numbers or planned.numbers]
            self._wide[index] = {
                name: attempt_id(run_id, index, place, number)
                for place, (name, number) in enumerate(zip(planned.providers, numbers, strict=False))
                if number
            }
        if provider not in self._wide[index]:
            message = f"ran on several providers, and not on {provider}"
            raise _MissingError(message)
        return self._wide[index][provider]


async def _read(context: SchedulerContext, found: Mapping[AttemptKey, Captured]) -> None:
    ids = tuple({source.attempt_id for captured in found.values() for source in captured.sources})
    documents = await context.store.find(ATTEMPTS, {"id": OneOf(ids)}, limit=len(ids)) if ids else []
    texts = {document["id"]: document.get("captured") or {} for document in documents}
    for captured in found.values():
        for source in captured.sources:
            text = texts.get(source.attempt_id, {}).get(source.capture)
            if text is None:
                captured.problem = f"{{{{ {source.name} }}}} has no value, as that step's last attempt captured nothing"
                continue
            try:
                captured.values[source.name] = value_at(text, source.path)
            except ValueError as error:
                captured.problem = f"{{{{ {source.name} }}}} has no value, as what was captured {error}"
