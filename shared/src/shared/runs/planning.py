"""Planning: the providers of a run's steps are looked up, and fixed, whatever becomes of groups and labels later."""

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from shared.contracts.action import ActionDefinition, Step
from shared.contracts.attempt import step_id
from shared.contracts.presentation import natural_order
from shared.contracts.problem import FieldError, nearest_name
from shared.contracts.rollout import MOST_INVOCATIONS, MOST_INVOCATIONS_OF_A_RUN, ProviderSelector, Rollout, count_of
from shared.contracts.step import PlannedRollout, PlannedStep, StepInvocations, StepProgress
from shared.definitions import not_there, provider_pools, stored_by_name
from shared.kinds import PROVIDER, PROVIDER_GROUP
from shared.placeholders import placeholder_names
from shared.runs.batches import RolloutBatches
from shared.runs.binding import provider_of
from shared.store.port import DocumentStore, pages

MOST_SUGGESTIONS = 1_000
"""Names of providers read to find the nearest one."""
_PAGE = 1_000


@dataclass
class Candidates:
    """The providers that the steps of a run are on, as far as they are there."""

    pools: dict[str, str]
    """The pool of each, by its name."""
    selected: dict[int, list[str]] = field(default_factory=dict)
    """The providers of each step that has them by a group or by labels."""
    errors: list[FieldError] = field(default_factory=list)
    """What keeps the run from being planned."""


async def find_providers(
    store: DocumentStore, action: ActionDefinition, asked: Mapping[str, str], only: Mapping[int, Sequence[str]]
) -> Candidates:
    """All providers that the action's steps name, and those that parameters do (``asked``, by parameter); of some steps
    these ``only``, whatever they name.
    """
    outright = [name for step in action.steps for name, _ in step.named_providers() if not placeholder_names(name)]
    selectors = {
        i: step.providers
        for i, step in enumerate(action.steps)
        if isinstance(step.providers, ProviderSelector) and i not in only
    }
    found = Candidates({}, {index: list(names) for index, names in only.items()})
    for index, selector in selectors.items():
        if selector.group is not None:
            found.selected[index] = await _members(store, selector.group, index, found)
    members = [name for names in found.selected.values() for name in names]
    found.pools |= await provider_pools(store, [*outright, *asked.values(), *members])
    by_labels = {i: selector.labels for i, selector in selectors.items() if selector.labels is not None}
    if by_labels:
        await _add_labelled(store, by_labels, found)
    missing = [(f"parameters.{parameter}", name) for parameter, name in asked.items() if name not in found.pools]
    missing += [
        ("steps", name) for name in dict.fromkeys(outright) if name not in found.pools and name not in asked.values()
    ]
    missing += [
        (f"steps.{i}.providers", name) for i, names in only.items() for name in names if name not in found.pools
    ]
    for index, selector in selectors.items():
        field_of = f"steps.{index}.providers"
        names = found.selected.get(index, [])
        missing += [(f"{field_of}.group", name) for name in names if name not in found.pools]
        if not names and not found.errors:
            found.errors.append(FieldError(field=field_of, message=_nothing(selector)))
    if missing:
        found.errors += await _unknown_providers(store, missing)
    return found


async def _members(store: DocumentStore, group: str, step_index: int, found: Candidates) -> list[str]:
    """The providers of a group, and of the groups in it, in the order in which they are written."""
    names: dict[str, None] = {}
    seen, wanted = {group}, [group]
    while wanted:
        groups = await stored_by_name(store, PROVIDER_GROUP, wanted)
        for name in wanted:
            if name not in groups:
                message = f"there is no provider group '{name}' any more"
                found.errors.append(FieldError(field=f"steps.{step_index}.providers.group", message=message))
        names |= dict.fromkeys(name for one in wanted if one in groups for name in groups[one].definition.providers)
        following = dict.fromkeys(name for one in wanted if one in groups for name in groups[one].definition.groups)
        wanted = [name for name in following if name not in seen]
        seen |= following.keys()
    return list(names)


async def _add_labelled(
    store: DocumentStore, by_labels: Mapping[int, Mapping[str, Sequence[str]]], found: Candidates
) -> None:
    """Look through all providers for those that steps have by their labels; in the order in which people count."""
    found.selected |= {index: [] for index in by_labels}
    async for page in pages(store, PROVIDER.collection, {}, size=_PAGE):
        for document in page:
            labels = json.loads(document["definition"]).get("labels", {})
            for index, wanted in by_labels.items():
                if all(labels.get(label) in values for label, values in wanted.items()):
                    found.selected[index].append(document["id"])
                    found.pools[document["id"]] = document["pool"]
    for index in by_labels:
        found.selected[index].sort(key=natural_order)


def _nothing(selector: ProviderSelector) -> str:
    if selector.labels is None:
        return f"the group '{selector.group}' has no provider, so there is nothing to run on"
    labels = ", ".join(f"{label}={' or '.join(values)}" for label, values in selector.labels.items())
    return f"no provider has the labels {labels}, so there is nothing to run on: give them to one, or change the step"


async def _unknown_providers(store: DocumentStore, missing: Sequence[tuple[str, str]]) -> list[FieldError]:
    known = [found["id"] for found in await store.find(PROVIDER.collection, {}, limit=MOST_SUGGESTIONS)]
    groups = await stored_by_name(store, PROVIDER_GROUP, [name for _, name in missing])
    return [FieldError(field=field, message=_not_there(name, known, groups)) for field, name in missing]


def _not_there(name: str, known: Sequence[str], groups: Container[str]) -> str:
    """That no provider has this name, and what to do."""
    if name in groups:
        which = f"on which a step runs that says providers: {{group: {name}}}"
        return f"there is no provider '{name}', but a group, {which}"
    return not_there(PROVIDER, name, nearest_name(name, known))


class TooManyProvidersError(Exception):
    """A step has more invocations than a run can hold; the error names its field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.error = FieldError(field=field, message=message)


def plan_steps(
    run_id: str, action: ActionDefinition, parameters: Mapping[str, JsonValue], found: Candidates
) -> tuple[list[StepProgress], list[PlannedStep]]:
    """The steps of a run, and the documents of those that run on many providers; ``TooManyProvidersError``."""
    names = [list(_names(step, parameters, found.selected.get(i))) for i, step in enumerate(action.steps)]
    rollouts: dict[int, PlannedRollout] = {}
    checks: set[int] = set()
    for index, step in enumerate(action.steps):
        if step.rollout is None:
            continue
        rollout = rollouts[index] = _planned(step.rollout, len(names[index]))
        if step.rollout.check is None:
            continue
        check = next(i for i, other in enumerate(action.steps) if other.name == step.rollout.check)
        checks.add(check)
        rollout.check = check
        if is_on_the_batch(action.steps[check], step):
            names[check] = names[index]
        else:
            rollout.checks_of_batch = len(names[check])
            times = len(RolloutBatches(rollout, len(names[index])))
            _require_possible(check, action.steps[check].name, len(names[check]) * times)
            names[check] *= times
    _require_possible_together(action, names)
    plans = [
        plan_step(
            run_id,
            index,
            step.name,
            [(name, found.pools[name]) for name in names[index]],
            rollouts.get(index),
            is_wide=index in checks or _needs_counts(rollouts.get(index)),
        )
        for index, step in enumerate(action.steps)
    ]
    return [progress for progress, _ in plans], [planned for _, planned in plans if planned is not None]


def _needs_counts(rollout: PlannedRollout | None) -> bool:
    """Whether more than the end of its one invocation decides on a step, so that it is wide also on one provider."""
    return rollout is not None and (rollout.check is not None or rollout.max_failures > 0)


def _require_possible(step_index: int, name: str, times: int) -> None:
    if times > MOST_INVOCATIONS:
        message = f"the step '{name}' would run {times} times; {MOST_INVOCATIONS} are the most for one step"
        raise TooManyProvidersError(f"steps.{step_index}.providers", message)


def _require_possible_together(action: ActionDefinition, names: Sequence[Sequence[str]]) -> None:
    together = sum(len(of_step) for of_step in names)
    if together > MOST_INVOCATIONS_OF_A_RUN:
        widest = max(range(len(names)), key=lambda index: len(names[index]))
        message = (
            f"all steps would run {together} times together; {MOST_INVOCATIONS_OF_A_RUN} are the most for one run, and "
            f"'{action.steps[widest].name}' runs {len(names[widest])} times"
        )
        raise TooManyProvidersError(f"steps.{widest}.providers", message)


def is_on_the_batch(check: Step, step: Step) -> bool:
    """Whether the check of a step is run on the providers of each batch: it names none, or the same as the step."""
    return check.provider is None and (check.providers is None or check.providers == step.providers)


def _names(step: Step, parameters: Mapping[str, JsonValue], selected: Sequence[str] | None) -> Iterator[str]:
    """The providers of a step, each once."""
    written = [provider_of(name, parameters) for name, _ in step.named_providers()]
    yield from dict.fromkeys(written if selected is None else selected)


def _planned(rollout: Rollout, width: int) -> PlannedRollout:
    return PlannedRollout(
        max_parallel=rollout.max_parallel,
        batches=[count_of(batch, width) for batch in rollout.batches],
        max_failures=count_of(rollout.max_failures, width),
    )


def plan_step(
    run_id: str,
    step_index: int,
    name: str,
    providers: Sequence[tuple[str, str]],
    rollout: PlannedRollout | None = None,
    *,
    is_wide: bool = False,
) -> tuple[StepProgress, PlannedStep | None]:
    """A step that runs on these providers, each with its pool. Where there are several, or the step is to be wide all
    the same, they get a document of their own, which has to be stored before the run; ``TooManyProvidersError``.
    """
    alone = providers[0] if len(providers) == 1 else (None, None)
    if len(providers) == 1 and not is_wide:
        return StepProgress(name=name, provider=alone[0], pool=alone[1]), None
    _require_possible(step_index, name, len(providers))
    invocations = StepInvocations(
        width=len(providers), rollout=rollout or PlannedRollout(), counts={"pending": len(providers)}
    )
    planned = PlannedStep(
        id=step_id(run_id, step_index),
        run_id=run_id,
        step_index=step_index,
        providers=[provider for provider, _ in providers],
        pools=[pool for _, pool in providers],
    )
    return StepProgress(name=name, provider=alone[0], pool=alone[1], invocations=invocations), planned
