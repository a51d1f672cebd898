"""Doing a run again: with the same parameters or changed ones, as a whole or what is left of it."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from catalog.domain.reruns import RerunMode, from_failed, given_again, on_failed_providers
from catalog.handlers.refusals import ConflictError, InvalidError, unknown
from catalog.handlers.runs import existing_run
from shared.contracts.action import ActionDefinition
from shared.contracts.problem import FieldError
from shared.contracts.run import ENDED, Run
from shared.definitions import action_version, stored
from shared.encryption import MasterKeyError, Sealer
from shared.kinds import ACTION
from shared.runs.composing import Again, RunRequest, bound_to_run
from shared.runs.repository import planned_steps, run_of
from shared.store.port import DocumentStore


async def rerun_request(
    store: DocumentStore, sealer: Sealer, run_id: str, mode: RerunMode, request: RunRequest
) -> RunRequest:
    """The request, whose parameters are those that are to change, made one for the earlier run done again.

    A whole run is done by the action as it is now; the rest of one by the version that its first steps were done by.
    ``UnknownError``; ``ConflictError`` where there is nothing to do again, or not yet.
    """
    run = await existing_run(store, run_id)
    _require_ended(run)
    version_id = run.action.version_id
    if mode == "same":
        newest = await stored(store, ACTION, run.action.name)
        if newest is None:
            raise await unknown(store, ACTION, run.action.name)
        action, again = newest.definition, Again(run.id)
    else:
        action = (await action_version(store, version_id)).definition
        left_of = from_failed if mode == "from_failed" else on_failed_providers
        remains = left_of(run, action, await planned_steps(store, run))
        if remains is None:
            message = f"nothing of the run '{run_id}' is left to be done: do the whole run again instead"
            raise ConflictError(message)
        again = Again(run.id, version_id, remains.carried, remains.only)
    if again.only:
        _require_same_providers(request.parameters, action)
    parameters = given_again(_opened(sealer, run), request.parameters, action)
    return replace(request, action=run.action.name, parameters=parameters, again=again)


async def again_with_what_is_given(store: DocumentStore, run_id: str, action: str) -> Again:
    """That a run of the action is done again whole, with what the request gives and nothing of what it had.

    ``InvalidError`` where it is no run of this action; ``ConflictError`` where it has not ended.
    """
    run = await run_of(store, run_id)
    if run is None or run.action.name != action:
        message = f"is no run of the action '{action}': leave it out, or name one of `GET /api/v1/runs?action={action}`"
        raise InvalidError([FieldError(field="rerun_of", message=message)])
    _require_ended(run)
    return Again(run.id)


def _require_ended(run: Run) -> None:
    if run.state not in ENDED:
        message = f"the run '{run.id}' has not ended, it is {run.state}: wait for its end, or cancel it first"
        raise ConflictError(message)


def _require_same_providers(changed: Mapping[str, JsonValue], action: ActionDefinition) -> None:
    """``InvalidError`` where a parameter that names a provider is to change: those that are left are fixed."""
    providers = [one.name for one in action.parameters if one.type == "provider" and one.name in changed]
    message = "cannot change where only the providers that failed are done again; leave it out, or do all again"
    if errors := [FieldError(field=f"parameters.{name}", message=message) for name in providers]:
        raise InvalidError(errors)


def _opened(sealer: Sealer, run: Run) -> Mapping[str, JsonValue]:
    """What the run was given; a secret that was given by value can be sealed for another run then."""
    return {name: _value(sealer, run.id, name, value) for name, value in run.parameters.items()}


def _value(sealer: Sealer, run_id: str, name: str, value: JsonValue) -> JsonValue:
    if not isinstance(value, dict) or "sealed" not in value:
        return value
    try:
        return sealer.open(str(value["sealed"]), bound_to=bound_to_run(run_id, name))
    except MasterKeyError as error:
        message = f"the value of the secret parameter '{name}' cannot be opened any more ({error}): give it anew"
        raise ConflictError(message) from error
