"""What steps read of earlier ones: looked up in the attempts that captured it, which alone keep it."""

from collections.abc import Mapping, Sequence

from scheduler.domain.attempts import Captured
from scheduler.handlers.context import SchedulerContext
from shared.captures import CaptureReference, capture_reference, value_at
from shared.collections import ATTEMPTS
from shared.contracts.action import Step
from shared.contracts.attempt import AttemptKey, CaptureSource, attempt_id, step_id
from shared.contracts.run import Run
from shared.definitions import ActionVersion
from shared.runs.repository import planned_step, run_of
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
    sources = _Sources(context, run, steps)
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
    """Which attempt has what a step captured: its last one, of several providers that on the reader's own.

    Where a run does an earlier one again on some of its providers, the others have what they captured then.
    """

    def __init__(self, context: SchedulerContext, run: Run, steps: Sequence[Step]) -> None:
        self._context, self._run, self._steps = context, run, steps
        self._wide: dict[int, dict[str, str]] = {}
        self._earlier: _Sources | None = None

    async def attempt(self, reference: CaptureReference, provider: str) -> str:
        try:
            return await self._own_attempt(reference, provider)
        except _MissingError:
            earlier = await self._of_earlier_run()
            if earlier is None or self._run.steps[reference.step_index].carried_from is not None:
                raise
        return await earlier.attempt(reference, provider)

    async def _of_earlier_run(self) -> "_Sources | None":
        """Those of the run of which this one does what is left, by the same version."""
        if self._earlier is None and self._run.rerun_of is not None:
            run = await run_of(self._context.store, self._run.rerun_of)
            if run is not None and run.action.version_id == self._run.action.version_id:
                self._earlier = _Sources(self._context, run, self._steps)
        return self._earlier

    async def _own_attempt(self, reference: CaptureReference, provider: str) -> str:
        index = reference.step_index
        progress = self._run.steps[index]
        if progress.invocations is None:
            is_rest = self._run.rerun_of is not None and self._steps[index].providers is not None
            if is_rest and progress.provider != provider:
                message = f"ran on {progress.provider} alone this time, and not on {provider}"
                raise _MissingError(message)
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
