"""Plans of runs: what would be run now, and whether its providers can be reached."""

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
from catalog.handlers.refusals import ConflictError, unknown
from shared.clock import Clock
from shared.commands import command_to_show
from shared.conditions import ConditionError, ConditionEvaluator, known_before
from shared.contracts.provider import ProviderTestReport
from shared.definitions import stored_by_name
from shared.encryption import Sealer
from shared.kinds import ACTION, PROVIDER
from shared.runs.binding import shown_values
from shared.runs.composing import ActionMissingError, Composed, RunRequest, compose
from shared.runs.plan import pins_and_digest
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
        commands = _commands(composed)
        _, digest = await pins_and_digest(self.store, self.sealer, composed)
        providers = [list(names[:MOST_INVOCATIONS_SHOWN]) for names in composed.providers()]
        asked = [name for step in providers for name in step] if check_reachable else []
        reports = await self._reports(list(dict.fromkeys(asked))[:MOST_REACHED])
        conditions = await self._conditions(composed)
        steps = [
            _step(composed, index, commands, names, reports=reports, condition=conditions.get(index))
            for index, names in enumerate(providers)
        ]
        return PlanView(
            digest=digest,
            action=RunActionView.model_validate(composed.run.action),
            parameters=shown_parameters(composed.run),
            condition=conditions.get(None),
            approval=planned_approval(composed.action.definition.execution.approval),
            steps=steps,
        )

    async def _conditions(self, composed: Composed) -> dict[int | None, PlannedConditionView]:
        """Those conditions that can be decided now, by the index of the step; none: the action's own."""
        action, compiled = composed.action.definition, composed.action.compiled
        values, decided = known_before(composed.run, self.clock()), dict[int | None, PlannedConditionView]()
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


def _commands(composed: Composed) -> list[str]:
    action, compiled = composed.action, composed.action.compiled
    if compiled is None:
        message = f"the commands of '{action.name}' are not analysed yet, as another release stored it: try again soon"
        raise ConflictError(message)
    if compiled.refusal:
        raise ConflictError(f"'{action.name}' is not run as it stands, for {compiled.refusal}; save it again")
    values = shown_values(composed.run.parameters)
    return [command_to_show(parts, values) for parts in compiled.commands]


def _setup(composed: Composed, index: int) -> str | None:
    setup = composed.action.compiled.setups.get(index) if composed.action.compiled is not None else None
    return None if setup is None else command_to_show(setup, shown_values(composed.run.parameters))


def _step(
    composed: Composed,
    index: int,
    commands: list[str],
    names: list[str],
    *,
    reports: Mapping[str, ProviderTestReport],
    condition: PlannedConditionView | None,
) -> PlannedStepView:
    steps = composed.action.definition.steps
    step = steps[index]
    when, reason = decision(step.when, is_first=index == 0, condition=condition)
    checked = next((one.name for one in steps if one.rollout is not None and one.rollout.check == step.name), None)
    if checked is not None:
        when, reason = None, f"is run after each batch of the step '{checked}'"
    return PlannedStepView(
        name=step.name,
        when=when,
        reason=reason,
        providers=len(composed.providers()[index]),
        rollout=planned_rollout(composed.run, index),
        run_as=step.run_as.user if step.run_as is not None else None,
        setup=_setup(composed, index),
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
