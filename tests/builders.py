"""Builders: the things that tests speak of, with everything that does not matter filled in."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import JsonValue

from catalog.domain.action_analysis import analysed_at_once
from scheduler.domain.invocation import Finished, Tick
from shared.clock import new_id
from shared.contracts.action import ActionDefinition, ActionReference
from shared.contracts.attempt import AttemptState, Outcome, Reason
from shared.contracts.compiled_action import CompiledAction
from shared.contracts.rollout import ProviderSelector
from shared.contracts.run import Run, RunProgress, TimelineEvent
from shared.contracts.step import StepProgress
from shared.contracts.trigger import Trigger
from shared.runs.planning import Candidates, plan_steps

AS_SSH_KEYGEN: dict[str, Any] = {"rounds": 16, "ignore_few_rounds": True}
"""How a private key is locked with a passphrase: as ssh-keygen does it. With asyncssh's own 128 rounds, to lock or to
open one takes a second of CPU."""
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def a_step(name: str = "only", **fields: Any) -> dict[str, Any]:
    """A step that runs ``true`` on web-1."""
    return {"name": name, "provider": "web-1", "command": "true", **fields}


def an_action(*steps: dict[str, Any], name: str = "restart", **fields: Any) -> ActionDefinition:
    """An action of these steps, or of one."""
    return ActionDefinition.model_validate({"name": name, "steps": list(steps) or [a_step()], **fields})


def compiled(action: ActionDefinition) -> CompiledAction:
    """The action's commands as the catalog compiles them; they have to be in order."""
    analysis = analysed_at_once(action)
    assert not analysis.errors
    return analysis.compiled


def a_run(action: ActionDefinition, *, at: datetime = NOON, parameters: dict[str, JsonValue] | None = None) -> Run:
    """A run of the action that was asked for a moment ago."""
    run_id = new_id()
    return Run(
        id=run_id,
        request_id=run_id,
        action=ActionReference(name=action.name, version=1, version_id="v1"),
        state="queued",
        trigger=Trigger(kind="manual", by="admin"),
        parameters=parameters or {},
        created_at=at,
        progress=RunProgress(total=len(action.steps)),
        steps=[StepProgress(name=step.name, provider=step.provider, pool="default") for step in action.steps],
        providers=["web-1"],
        timeline=[TimelineEvent(seq=1, at=at, event="run.queued", state="queued")],
        wake_at=at,
    )


def an_outcome(*, reason: Reason | None = None, at: datetime = NOON, **fields: Any) -> Outcome:
    """How an attempt ended; well, where no reason is given."""
    return Outcome(reason=reason, reason_text=reason and f"because of {reason}", ended_at=at, **fields)


def a_finish(attempt_id: str, state: AttemptState = "succeeded", reason: Reason | None = None) -> Finished:
    """The end of an attempt."""
    return Finished(attempt_id, state, an_outcome(reason=reason))


def at(seconds: float = 0.0, chance: float = 0.5) -> Tick:
    """The circumstances so many seconds after noon; with a chance of one half a pause has no jitter."""
    return Tick(now=NOON + timedelta(seconds=seconds), jitter=chance)


def a_planned_run(action: ActionDefinition, providers: Sequence[str]) -> Run:
    """A run whose steps may be on any of these providers, all of the pool default; a group has all of them."""
    run = a_run(action)
    selected = {
        i: list(providers) for i, step in enumerate(action.steps) if isinstance(step.providers, ProviderSelector)
    }
    run.steps, _ = plan_steps(run.id, action, {}, Candidates(dict.fromkeys(providers, "default"), selected))
    return run
