"""Whether steps on many providers, and groups of providers, can be saved. Pure."""

from collections.abc import Iterator, Mapping

from shared.contracts.action import ActionDefinition
from shared.contracts.problem import FieldError, nearest
from shared.contracts.provider_group import ProviderGroupDefinition


def check_rollouts(action: ActionDefinition) -> Iterator[FieldError]:
    """What is wrong with the checks of rollouts, and which steps name no provider and are no check."""
    places = {step.name: index for index, step in enumerate(action.steps)}
    checked: dict[str, int] = {}
    for index, step in enumerate(action.steps):
        name = None if step.rollout is None else step.rollout.check
        if name is None:
            continue
        if (message := _check_error(name, index, places, checked)) is not None:
            yield FieldError(field=f"steps.{index}.rollout.check", message=message)
        checked.setdefault(name, index)
    for index, step in enumerate(action.steps):
        if step.name in checked:
            owner = action.steps[checked[step.name]].name
            message = f"is not for the check of a rollout, which runs after each batch of the step '{owner}'"
            if step.when != "previous_success":
                yield FieldError(field=f"steps.{index}.when", message=message)
            if step.rollout is not None:
                yield FieldError(field=f"steps.{index}.rollout", message=message)
            if step.approval is not None:
                yield FieldError(field=f"steps.{index}.approval", message=message)
        elif step.provider is None and step.providers is None:
            message = "is required, or providers for several; only the check of a rollout has neither"
            yield FieldError(field=f"steps.{index}.provider", message=message)


def _check_error(name: str, index: int, places: Mapping[str, int], checked: Mapping[str, int]) -> str | None:
    if name not in places:
        return f"there is no step '{name}'{nearest(name, places)}"
    if places[name] <= index:
        return f"'{name}' has to stand after this step: it is run after each batch of it, and not by itself"
    if name in checked:
        return f"'{name}' is the check of steps.{checked[name]} already; each needs its own"
    return None


def circles_of(group: ProviderGroupDefinition, others: Mapping[str, ProviderGroupDefinition]) -> Iterator[FieldError]:
    """Which of the groups in it lead back to it; ``others`` are all that can be reached from it."""
    for index, name in enumerate(group.groups):
        if (path := _path(name, group.name, others)) is not None:
            message = f"the groups go round in a circle: {' → '.join([group.name, *path])}"
            yield FieldError(field=f"groups.{index}", message=message)


def _path(start: str, end: str, groups: Mapping[str, ProviderGroupDefinition]) -> list[str] | None:
    """How one group leads to another one, where it does; the shortest way."""
    before: dict[str, str | None] = {start: None}
    for name in (reached := [start]):
        if name == end:
            path, at = [], before[name]
            while at is not None:
                path.append(at)
                at = before[at]
            return [*reversed(path), end]
        for following in groups[name].groups if name in groups else ():
            if following not in before:
                before[following] = name
                reached.append(following)
    return None
