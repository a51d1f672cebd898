"""Plans of runs: what would be run now, what one that waits executes, and whether its providers can be reached."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.domain.plans import (
    MOST_INVOCATIONS_SHOWN,
    PlannedConditionView,
    PlannedInvocationView,
    PlannedStepView,
    PlanView,
    decision,
    planned_rollout,
)
from catalog.domain.run_views import planned_approval, shown_parameters
from catalog.domain.views import RunActionView
from catalog.handlers.providers import ProviderTests
from catalog.handlers.refusals import ConflictError, UnknownError, unknown
from catalog.handlers.runs import existing_run
from shared.clock import Clock
from shared.commands import command_to_show
from shared.conditions import ConditionError, ConditionEvaluator, known_before
from shared.contracts.provider import ProviderTestReport
from shared.definitions import stored_by_name, stored_of
from shared.encryption import Sealer
from shared.kinds import ACTION, PROVIDER
from shared.runs.binding import shown_values
from shared.runs.composing import ActionMissingError, RunRequest, WholeRun, compose
from shared.runs.plan import pins_and_digest
from shared.runs.repository import planned_steps
from shared.store.port import DocumentStore

MOST_REACHED = 50
"""Providers that are tried for one plan: each costs an executor a log-in."""
REACHED_AT_ONCE = 10


@dataclass(frozen=True)
class Planner:
    """Makes plans."""

    store: DocumentStore
    sealer: Sealer
    clock: Clock
    provider_tests: ProviderTests
    conditions: ConditionEvaluator = field(default_factory=ConditionEvaluator)

    async def plan(self, request: RunRequest, *, check_reachable: bool) -> PlanView:
        """What the request would run; ``UnknownError`` where there is no action, ``RunRefusedError``,
        ``ConflictError`` where its commands may not be run as they stand.
        """
        try:
            composed = await compose(self.store, self.sealer, request, clock=self.clock)
        except ActionMissingError as error:
            raise await unknown(self.store, ACTION, request.action) from error
        _, digest = await pins_and_digest(self.store, self.sealer, composed)
        return await self._shown(composed, digest, check_reachable=check_reachable)

    async def plan_of(self, run_id: str) -> PlanView:
        """What a run that is stored executes, by the version of its action and on the providers that it was planned
        with; ``UnknownError``, ``ConflictError`` where its commands may not be run as they stand.
        """
        run = await existing_run(self.store, run_id)
        document = await self.store.get(ACTION.versions, run.action.version_id)
        if document is None:
            raise UnknownError("version", run.action.version_id)
        planned = WholeRun(stored_of(ACTION, document), run, await planned_steps(self.store, run))
        return await self._shown(planned, run.plan_digest or "", check_reachable=False)

    async def _shown(self, planned: WholeRun, digest: str, *, check_reachable: bool) -> PlanView:
        commands = _commands(planned)
        providers = [list(names[:MOST_INVOCATIONS_SHOWN]) for names in planned.providers()]
        asked = [name for step in providers for name in step] if check_reachable else []
        reports = await self._reports(list(dict.fromkeys(asked))[:MOST_REACHED])
        conditions = await self._conditions(planned)
        steps = [
            _step(planned, index, commands, names, reports=reports, condition=conditions.get(index))
            for index, names in enumerate(providers)
        ]
        return PlanView(
            digest=digest,
            action=RunActionView.model_validate(planned.run.action),
            parameters=shown_parameters(planned.run),
            condition=conditions.get(None),
            approval=planned_approval(planned.action.definition.execution.approval),
            steps=steps,
        )

    async def _conditions(self, planned: WholeRun) -> dict[int | None, PlannedConditionView]:
        """Those conditions that can be decided now, by the index of the step; none: the action's own."""
        action, compiled = planned.action.definition, planned.action.compiled
        values, decided = known_before(planned.run, self.clock()), dict[int | None, PlannedConditionView]()
        for condition in compiled.conditions if compiled else ():
            text = action.condition if condition.step is None else action.steps[condition.step].when
            known = {"alert"} if condition.step is not None else {"alert", "run.failed"}
            if text is not None and known.issuperset(condition.reads):
                decided[condition.step] = await self._decided(text, values)
        return decided

    async def _decided(self, text: str, values: Mapping[str, Any]) -> PlannedConditionView:
        try:
            holds = await self.conditions.holds(text, values)
        except ConditionError as error:
            told = f"it would fail, as its condition cannot be evaluated: {error}"
            return PlannedConditionView(holds=False, reason=told)
        word = "holds" if holds else "does not hold"
        return PlannedConditionView(holds=holds, reason=f"its condition {word}: {text}")

    async def _reports(self, names: Iterable[str]) -> Mapping[str, ProviderTestReport]:
        known = await stored_by_name(self.store, PROVIDER, names)
        free = asyncio.Semaphore(REACHED_AT_ONCE)

        async def report(name: str) -> ProviderTestReport:
            async with free:
                return await self.provider_tests.test(known[name])

        return dict(zip(known, await asyncio.gather(*map(report, known)), strict=True))


def _commands(planned: WholeRun) -> list[str]:
    action, compiled = planned.action, planned.action.compiled
    if compiled is None:
        message = f"the commands of '{action.name}' are not analysed yet, as another release stored it: try again soon"
        raise ConflictError(message)
    if compiled.refusal:
        raise ConflictError(f"'{action.name}' is not run as it stands, for {compiled.refusal}; save it again")
    values = shown_values(planned.run.parameters)
    return [command_to_show(parts, values) for parts in compiled.commands]


def _setup(planned: WholeRun, index: int) -> str | None:
    setup = planned.action.compiled.setups.get(index) if planned.action.compiled is not None else None
    return None if setup is None else command_to_show(setup, shown_values(planned.run.parameters))


def _step(
    planned: WholeRun,
    index: int,
    commands: list[str],
    names: list[str],
    *,
    reports: Mapping[str, ProviderTestReport],
    condition: PlannedConditionView | None,
) -> PlannedStepView:
    steps = planned.action.definition.steps
    step = steps[index]
    when, reason = decision(step.when, is_first=index == 0, condition=condition)
    checked = next((one.name for one in steps if one.rollout is not None and one.rollout.check == step.name), None)
    if checked is not None:
        when, reason = None, f"is run after each batch of the step '{checked}'"
    return PlannedStepView(
        name=step.name,
        when=when,
        reason=reason,
        providers=len(planned.providers()[index]),
        rollout=planned_rollout(planned.run, index),
        run_as=step.run_as.user if step.run_as is not None else None,
        setup=_setup(planned, index),
        approval=planned_approval(step.approval),
        invocations=[
            PlannedInvocationView(
                provider=name,
                command=commands[index],
                reachable=reports[name].ok if name in reports else None,
                reachable_text=reports[name].message if name in reports and not reports[name].ok else None,
            )
            for name in names
        ],
    )
