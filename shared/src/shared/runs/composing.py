"""What a run is made of: parameters bound, providers looked up, steps planned. Nothing is stored here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from pydantic import JsonValue

from shared.clock import Clock, new_id
from shared.contracts.action import ActionDefinition, ActionReference
from shared.contracts.approval import Approval, PendingApproval
from shared.contracts.principal import Principal
from shared.contracts.problem import FieldError
from shared.contracts.run import ADVANCE_WITHIN, TELL_WITHIN, Run, RunProgress, TimelineEvent
from shared.contracts.step import PlannedStep, StepProgress
from shared.contracts.trigger import Trigger
from shared.contracts.words import words_of_run
from shared.definitions import Stored, not_there, stored, stored_by_name, stored_of
from shared.encryption import Sealer
from shared.kinds import ACTION, SECRET
from shared.runs.approvals import needed_text, pending_approval
from shared.runs.binding import Binding, bind
from shared.runs.planning import TooManyProvidersError, find_providers, plan_steps
from shared.store.port import DocumentStore

LONGEST_DELAY = timedelta(days=3_660)
"""How far ahead a run may be asked for; what lies further is a slip."""


@dataclass(frozen=True)
class RunRequest:
    """What somebody or something wants to be run."""

    action: str
    parameters: Mapping[str, JsonValue]
    trigger: Trigger
    request_id: str | None = None
    """Names this request among all: asked again, it is the same run. None asks for a run of its own."""
    principal: Principal | None = None
    """Who asks, with what it may do; none for a rule, which may give no value that needs a right."""
    not_before: datetime | None = None
    """When it is to start at the earliest; none: now."""
    plan_digest: str | None = None
    """Of the plan that is to be carried out; what would be done now has to have the same."""
    approval: Approval | None = None
    """Whose approval it waits for before that of its action, if whoever asks for it says so."""
    again: "Again | None" = None
    """What of an earlier run is done again, where that is what is asked for."""


@dataclass(frozen=True)
class Again:
    """That a run is done again."""

    run_id: str
    """The earlier run."""
    version_id: str | None = None
    """The version that it executed, where it is to be that one; none: the newest."""
    carried: Mapping[int, StepProgress] = field(default_factory=dict)
    """Its steps that are not done again, by their places: they stand as they ended."""
    only: Mapping[int, Sequence[str]] = field(default_factory=dict)
    """Of steps that are done again on some of their providers, by their places, these."""


@dataclass(frozen=True)
class WholeRun:
    """A run with the version of the action that it executes, and the providers of its wide steps."""

    action: Stored[ActionDefinition]
    run: Run
    planned: Sequence[PlannedStep]

    def needs_approval(self) -> bool:
        """Whether the run, or a step of it, waits for people to approve."""
        return self.run.approval is not None or self.action.definition.needs_approval()

    def providers(self) -> list[Sequence[str]]:
        """The names of the providers of each step; none of one on many that is carried from an earlier run."""
        wide = {step.step_index: step.providers for step in self.planned}
        alone = [[] if step.provider is None else [step.provider] for step in self.run.steps]
        return [wide.get(index, names) for index, names in enumerate(alone)]


@dataclass(frozen=True)
class Composed(WholeRun):
    """A run as it would be stored, with what it is made of."""

    binding: Binding


class RunRefusedError(Exception):
    """The request cannot be carried out as it is; nothing was stored."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in errors))
        self.errors = errors


class ActionMissingError(RunRefusedError):
    """There is no action of that name."""


async def compose(store: DocumentStore, sealer: Sealer, request: RunRequest, *, clock: Clock) -> Composed:
    """The run that the request asks for, which is not stored; ``RunRefusedError``."""
    action = await _action(store, request)
    binding = bind(action.definition, request.parameters, action.compiled.limits if action.compiled else [])
    only = request.again.only if request.again is not None else {}
    found = await find_providers(store, action.definition, _asked(action.definition, binding), only)
    run_id, now = new_id(), clock()
    missing = [
        *_too_far_ahead(request, now),
        *_code_without_right(request, action.definition),
        *await _missing_secrets(store, binding),
        *found.errors,
    ]
    if errors := [*binding.errors, *missing]:
        raise RunRefusedError(errors)
    parameters: dict[str, JsonValue] = {**binding.values}
    parameters |= {name: {"secret": secret} for name, secret in binding.secret_names.items()}
    parameters |= {
        name: {"sealed": sealer.seal(value, bound_to=bound_to_run(run_id, name))}
        for name, value in binding.secret_values.items()
    }
    later = request.not_before if request.not_before is not None and request.not_before > now else None
    pending = _first_approval(request, action.definition, await _of_now(store, request, action), now)
    state: Literal["awaiting_approval", "delayed", "queued"] = "queued" if later is None else "delayed"
    state = state if pending is None else "awaiting_approval"
    try:
        steps, planned = plan_steps(run_id, action.definition, parameters, found)
    except TooManyProvidersError as error:
        raise RunRefusedError([error.error]) from error
    if request.again is not None:
        steps = [request.again.carried.get(index, step) for index, step in enumerate(steps)]
        planned = [step for step in planned if step.step_index not in request.again.carried]
    begun = TimelineEvent(seq=1, at=now, event=f"run.{state}", state=state)
    if pending is not None:
        asked = {"gate": "approval", "text": needed_text(pending, 0), "due_at": pending.expires_at}
        begun = begun.model_copy(update=asked)
    run = Run(
        id=run_id,
        request_id=request.request_id or run_id,
        action=ActionReference(
            name=action.name,
            version=action.version,
            title=action.definition.title,
            version_id=action.version_id,
        ),
        state=state,
        trigger=request.trigger,
        origin=request.principal.origin if request.principal is not None else None,
        parameters=parameters,
        created_at=now,
        progress=RunProgress(total=len(steps)),
        steps=steps,
        keeps_to_providers=bool(only),
        words=words_of_run(action.name, action.definition.title, request.trigger.note, parameters),
        providers=sorted({step.provider for step in steps if step.provider is not None}),
        timeline=[begun],
        not_before=request.not_before,
        rerun_of=request.again.run_id if request.again else None,
        approval=pending,
        wake_at=later if state == "delayed" else now + ADVANCE_WITHIN,
        unannounced=now + TELL_WITHIN,
    )
    return Composed(action, run, planned, binding)


def _first_approval(
    request: RunRequest, action: ActionDefinition, of_now: ActionDefinition, now: datetime
) -> PendingApproval | None:
    """What has to be approved first, by whoever asks for the run or else by the action, and what after that.

    What is left of an earlier run is done by the version that it had. What the action asks for by now, and did not
    then, has to be approved before the start: an earlier version would be a way around it otherwise.
    """
    carried = request.again.carried if request.again is not None else {}
    settled = {step.name for at, step in enumerate(action.steps) if step.approval is not None or at in carried}
    asked = [
        request.approval,
        of_now.execution.approval or action.execution.approval,
        *(step.approval for step in of_now.steps if of_now is not action and step.name not in settled),
    ]
    wanted = [one for at, one in enumerate(asked) if one is not None and one not in asked[:at]]
    return pending_approval(wanted[0], now, following=wanted[1] if len(wanted) > 1 else None) if wanted else None


async def _of_now(store: DocumentStore, request: RunRequest, action: Stored[ActionDefinition]) -> ActionDefinition:
    """The action as it is now; as it was, where that is what is run, or where it is gone."""
    if request.again is None or request.again.version_id is None:
        return action.definition
    newest = await stored(store, ACTION, action.name)
    return action.definition if newest is None else newest.definition


async def _action(store: DocumentStore, request: RunRequest) -> Stored[ActionDefinition]:
    """The newest version, or the one that is to be done again."""
    wanted = request.again.version_id if request.again is not None else None
    if wanted is None:
        found = await stored(store, ACTION, request.action)
    else:
        document = await store.get(ACTION.versions, wanted)
        found = None if document is None else stored_of(ACTION, document)
    if found is None:
        raise ActionMissingError([FieldError(field="action", message=f"there is no action '{request.action}'")])
    return found


def _too_far_ahead(request: RunRequest, now: datetime) -> list[FieldError]:
    if request.not_before is None or request.not_before - now <= LONGEST_DELAY:
        return []
    message = f"lies more than {LONGEST_DELAY.days} days ahead, which is the most that a run waits: check its year"
    return [FieldError(field="not_before", message=message)]


def _code_without_right(request: RunRequest, action: ActionDefinition) -> list[FieldError]:
    """Code comes from those alone who may write the action itself, and so never from an alert."""
    if request.principal is not None and request.principal.may("actions.write"):
        return []
    message = "takes code (code: true), which only those may give who may edit actions, and no alert"
    code = (parameter.name for parameter in action.parameters if parameter.code)
    return [FieldError(field=f"parameters.{name}", message=message) for name in code if name in request.parameters]


def bound_to_run(run_id: str, parameter: str) -> str:
    """What a secret value that was given for a run is bound to."""
    return f"run/{run_id}/{parameter}"


async def _missing_secrets(store: DocumentStore, binding: Binding) -> list[FieldError]:
    known = await stored_by_name(store, SECRET, binding.secret_names.values())
    return [
        FieldError(field=f"parameters.{parameter}", message=not_there(SECRET, secret))
        for parameter, secret in binding.secret_names.items()
        if secret not in known
    ]


def _asked(action: ActionDefinition, binding: Binding) -> dict[str, str]:
    """The providers that parameters name; one that only commands speak of has to exist as well."""
    kinds = {parameter.name: parameter.type for parameter in action.parameters}
    return {name: str(value) for name, value in binding.values.items() if kinds[name] == "provider"}
