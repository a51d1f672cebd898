"""Plans: exactly what a run would execute, named by a digest, so that what was looked at is what is run.

A digest covers the version of the action, the values of its parameters, the versions of the secrets that these and the
steps name, and for each step its providers with the versions of their definitions and of the jump hosts on the way.
"""

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence

from shared.contracts.action import ActionDefinition
from shared.contracts.provider import MOST_JUMPS
from shared.contracts.run import Run
from shared.contracts.step import STEP_ENDED, PlannedStep
from shared.definitions import stored_by_name, version_id
from shared.encryption import Sealer
from shared.kinds import PROVIDER, SECRET
from shared.runs.composing import Composed
from shared.store.port import DocumentStore

_PARTS = {
    "plan_digest": "what was given is no digest of a plan: it is in the answer of …/plan",
    "action": "the action was changed since",
    "parameters": "the parameters, or a secret among them or of run_as, are not those that were planned",
    "providers": "a provider was changed since, or other providers are meant now",
}
"""What each part of a digest stands for, in its order; what is said where one is another now."""
_SHORT = 12
"""Hexadecimal digits of the parts that tell what has changed; the last part holds for all."""


class PlanChangedError(Exception):
    """What the request would do now is not what was planned; says what is different."""


async def hold_to_plan(store: DocumentStore, sealer: Sealer, digest: str | None, composed: Composed) -> None:
    """Note in the run which versions of its providers it may meet; ``PlanChangedError`` where a digest is given, and
    they are others now.
    """
    pins, now = await pins_and_digest(store, sealer, composed)
    if digest is not None:
        _require_same(digest, now)
    composed.run.plan_digest = now
    for planned in composed.planned:
        planned.pins = list(pins[planned.step_index])
    for step, pinned in zip(composed.run.steps, pins, strict=True):
        step.pin = pinned[0] if step.provider is not None else None


async def pins_and_digest(
    store: DocumentStore, sealer: Sealer, composed: Composed
) -> tuple[Sequence[Sequence[str]], str]:
    """The pins of the providers of each step, and the digest of the plan."""
    providers = composed.providers()
    pin = await pins_of(store, {name for step in providers for name in step})
    pins = [[pin[name] for name in step] for step in providers]
    return pins, await _digest_of(store, sealer, composed, pins)


async def pins_of(store: DocumentStore, names: Iterable[str]) -> dict[str, str]:
    """For each provider the version that its definition is at, and those of its jump hosts behind it:
    ``web-1@3 bastion@1``. What is not there is at version 0.
    """
    wanted = frozenset(names)
    numbers: dict[str, int] = {}
    jumps: dict[str, str | None] = {}
    missing = wanted
    for _ in range(MOST_JUMPS + 1):
        found = await stored_by_name(store, PROVIDER, missing)
        for name in missing:
            numbers[name] = found[name].version if name in found else 0
            ssh = found[name].definition.connection.ssh if name in found else None
            jumps[name] = ssh.jump if ssh is not None else None
        missing = frozenset(jump for jump in jumps.values() if jump is not None and jump not in numbers)
        if not missing:
            break
    return {name: " ".join(version_id(one, numbers.get(one, 0)) for one in _way_to(name, jumps)) for name in wanted}


def _way_to(name: str, jumps: Mapping[str, str | None]) -> list[str]:
    way = [name]
    while (jump := jumps.get(way[-1])) is not None and jump not in way:
        way.append(jump)
    return way


async def changed_since_planned(store: DocumentStore, run: Run, planned: Sequence[PlannedStep]) -> list[str]:
    """The providers of what a planned run has still to do that are not as they were then; ``planned`` are its wide
    steps.
    """
    pins = {
        step.provider: step.pin for step in run.steps if step.provider and step.pin and step.state not in STEP_ENDED
    }
    for wide in planned:
        if run.steps[wide.step_index].state not in STEP_ENDED:
            pins |= dict(zip(wide.providers, wide.pins, strict=False))
    now = await pins_of(store, pins)
    return [name for name, pin in pins.items() if now[name] != pin]


async def _digest_of(store: DocumentStore, sealer: Sealer, composed: Composed, pins: Sequence[Sequence[str]]) -> str:
    """It is keyed by the master key: a secret that was given cannot be guessed by it."""
    action, binding = composed.action, composed.binding
    names = {**binding.secret_names, **_passwords(action.definition)}
    secrets = await stored_by_name(store, SECRET, names.values())
    versions = {user: secrets[secret].version_id for user, secret in names.items() if secret in secrets}
    parts = [
        sealer.digest(json.dumps(part, sort_keys=True))
        for part in (
            [action.uid, action.version_id],
            [binding.values, versions, binding.secret_values],
            [list(step) for step in pins],
        )
    ]
    return ".".join([*(part[:_SHORT] for part in parts), sealer.digest(".".join(parts))])


def _passwords(action: ActionDefinition) -> dict[str, str]:
    """The secrets that steps tell sudo, each by what no parameter is called."""
    run_as = ((f"steps.{index}.run_as", step.run_as) for index, step in enumerate(action.steps))
    return {user: one.password.secret for user, one in run_as if one is not None and one.password is not None}


def _require_same(planned: str, now: str) -> None:
    """``PlanChangedError`` where a digest is not the one that a request has now."""
    if hmac.compare_digest(planned.encode(), now.encode()):
        return
    before, after = planned.split("."), now.split(".")
    if len(before) != len(after):
        raise PlanChangedError(_PARTS["plan_digest"])
    what = [_PARTS[part] for part, old, new in zip([*_PARTS][1:], before, after, strict=False) if old != new]
    raise PlanChangedError("; ".join(what or [_PARTS["plan_digest"]]))
