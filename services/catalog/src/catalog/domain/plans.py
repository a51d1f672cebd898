"""What is shown of a plan: what a run of an action would do, step by step, decided as far as it can be now. Pure."""

from itertools import pairwise

from pydantic import Field, JsonValue

from catalog.domain.views import PlannedApprovalView, RunActionView, View
from shared.contracts.action import When
from shared.contracts.rollout import MOST_BATCHES
from shared.contracts.run import Run
from shared.runs.batches import RolloutBatches

MOST_INVOCATIONS_SHOWN = 200
"""Of one step; a step may have thousands, all with the same command."""


class PlannedInvocationView(View):
    """A step on one of its providers."""

    provider: str = Field(examples=["web-1"])
    command: str = Field(examples=["systemctl restart nginx"])
    """Exactly what would be run, with the values in place, secrets masked."""
    reachable: bool | None
    """Whether an executor could log in there a moment ago; null where nobody asked, or not of so many."""
    reachable_text: str | None = Field(examples=["connection refused: is sshd running there?"])
    """Why not, with the next thing to do."""


class PlannedRolloutView(View):
    """How a step would go through its providers, its percentages worked out for as many as there are now."""

    batches: int = Field(examples=[4])
    """How many batches there would be, each of which begins when the one before has ended."""
    batch_sizes: list[int] = Field(examples=[[1, 2, 5, 5]])
    """On how many providers each of the first 100 would run."""
    max_parallel: int | None = Field(examples=[10])
    """On how many providers at most at the same time; null: as many as a batch has."""
    max_failures: int = Field(examples=[0])
    """More failures than these would stop what has not begun."""
    check: str | None = Field(examples=["verify"])
    """The step that would be run after each batch."""


class PlannedStepView(View):
    """One step of a plan."""

    name: str = Field(examples=["restart"])
    when: bool | None
    """Whether it would run; null where that depends on how the steps before it end."""
    reason: str = Field(examples=["runs unless a step before it has failed"])
    """Why, in words."""
    providers: int = Field(examples=[1])
    """On how many providers it runs."""
    rollout: PlannedRolloutView | None
    """In which order and how many at a time; null of a step on one provider, and of a check."""
    run_as: str | None = Field(examples=["postgres"])
    """The user as whom it would run by sudo, where that is not the one who logs in."""
    setup: str | None = Field(examples=["cd -- '/srv/app';"])
    """Shell text that would stand before the command: its environment, folder and input, secrets masked."""
    approval: PlannedApprovalView | None
    """Whose approval the step would wait for before it begins."""
    invocations: list[PlannedInvocationView]
    """The first of them, 200 at most."""


class PlannedConditionView(View):
    """A condition that can be decided now."""

    holds: bool
    """False also where it cannot be evaluated."""
    reason: str = Field(examples=['its condition does not hold: params.env == "test"'])
    """Why, in words."""


class PlanView(View):
    """What a run of an action would do now."""

    digest: str = Field(examples=["0a1b2c3d4e5f.5e4d3c2b1a0f.00112233aabb.8c6976e5b5410415bde908bd4dee15dfb167a9c8"])
    """Names the plan: a run asked for with it as `plan_digest` does exactly this, or is refused as stale."""
    action: RunActionView
    parameters: dict[str, JsonValue] = Field(examples=[{"host": "web-1", "service": "nginx"}])
    """As bound, defaults included. A secret shows its name, or dots where its value was given."""
    condition: PlannedConditionView | None
    """Whether the run would start, where the action has a condition."""
    approval: PlannedApprovalView | None
    """Whose approval the run would wait for before it starts."""
    steps: list[PlannedStepView]


def planned_rollout(run: Run, step_index: int) -> PlannedRolloutView | None:
    """How a step would go through its providers; none where there is one, or where it is the check of another."""
    wide = run.steps[step_index].invocations
    rollouts = [step.invocations.rollout for step in run.steps if step.invocations is not None]
    if wide is None or any(rollout.check == step_index for rollout in rollouts):
        return None
    rollout, batches = wide.rollout, RolloutBatches(wide.rollout, wide.width)
    ends = [0, *(batches.end(number) for number in range(min(len(batches), MOST_BATCHES)))]
    return PlannedRolloutView(
        batches=len(batches),
        batch_sizes=[end - begin for begin, end in pairwise(ends)],
        max_parallel=rollout.max_parallel,
        max_failures=rollout.max_failures,
        check=None if rollout.check is None else run.steps[rollout.check].name,
    )


def decision(when: When, *, is_first: bool, condition: PlannedConditionView | None = None) -> tuple[bool | None, str]:
    """Whether a step would run, as far as that can be known before the run, and why; ``condition`` is what came of one
    in CEL, where that can be known.
    """
    match when:
        case "always":
            return True, "always runs, also after a failure and a cancel"
        case "previous_success" if is_first:
            return True, "is the first step"
        case "previous_success":
            return None, "runs unless a step before it has failed"
        case "previous_failure" if is_first:
            return False, "runs after a failure only, and no step stands before it"
        case "previous_failure":
            return None, "runs only if a step before it has failed"
    return _by_condition(when, condition, is_first=is_first)


def _by_condition(text: str, condition: PlannedConditionView | None, *, is_first: bool) -> tuple[bool | None, str]:
    if condition is None:
        return None, f"runs if, once its turn comes, this holds: {text}"
    if not condition.holds or is_first:
        return condition.holds, condition.reason
    return None, f"runs unless a step before it has failed, as {condition.reason}"
