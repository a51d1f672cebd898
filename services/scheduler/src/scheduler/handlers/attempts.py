"""The attempts of runs in the store: made, called for, followed and ended."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

import structlog

from scheduler.domain.attempts import NOTHING_CAPTURED, lost_outcome, new_attempt, unclaimed_outcome
from scheduler.domain.invocation import Finished, attempts_under_way
from scheduler.domain.rollout import MOST_AT_ONCE
from scheduler.domain.steps import LATEST_WAKE
from scheduler.handlers.captures import captured_for
from scheduler.handlers.context import SchedulerContext
from scheduler.handlers.mailbox import Mail
from shared.bus.port import publish_or_leave
from shared.collections import ATTEMPTS, STEPS
from shared.contracts.attempt import (
    ATTEMPT_ENDED,
    Attempt,
    AttemptKey,
    AttemptStatus,
    attempt_id,
    attempt_key,
    step_id,
)
from shared.contracts.run import CancelAttempts, ExecuteStep, Run
from shared.contracts.step import MOST_FAILED_NAMES, PlannedStep
from shared.contracts.values import instant_text
from shared.definitions import ActionVersion, action_version
from shared.metrics import PlainCounter
from shared.runs.repository import attempt_statuses, insert_attempts, planned_step
from shared.store.port import Changes, OneOf, Range, Where

CALL_OFTEN_FOR, CALL_SELDOM_EVERY = 180.0, 600.0
"""Seconds."""
ATTEMPTS_DISPATCHED = PlainCounter("opsimate_attempts_dispatched", "Attempts handed to executors")
ATTEMPTS_LOST = PlainCounter("opsimate_attempts_lost", "Attempts whose executor gave no sign of life any more")

log = structlog.get_logger()


async def version_of(context: SchedulerContext, run: Run) -> ActionVersion:
    """What the run executes."""
    version_id = run.action.version_id
    version = context.versions.get(version_id)
    if version is None:
        version = await action_version(context.store, version_id)
        if version.compiled is not None:
            context.versions.remember(version_id, version)
    return version


class Known(NamedTuple):
    """What is known of the attempts of a run that are under way."""

    ends: list[Finished]
    unclaimed: Mapping[str, Sequence[str]] = MappingProxyType({})
    """Those that nobody has claimed yet, as far as the store was asked, by their pools."""


async def known_attempts(context: SchedulerContext, run: Run, mail: Mail, now: datetime) -> Known:
    """Which attempts under way have ended: as the mail says, and as the store knows where the turn is thorough."""
    if not (mail.is_thorough or is_due(run, now)) and is_wide(run):
        return Known(list(mail.outcomes.values()))
    under_way = attempts_under_way(run)
    known = [mail.outcomes[attempt] for attempt in under_way if attempt in mail.outcomes]
    asked = [attempt for attempt in under_way if attempt not in mail.outcomes]
    if not asked:
        return Known(known)
    statuses = await attempt_statuses(context.store, asked)
    # A scheduler crashed between storing the run and storing these attempts.
    missing = await new_attempts(context, run, [attempt_key(attempt) for attempt in asked if attempt not in statuses])
    await insert_attempts(context.store, missing)
    await dispatch(context, run, missing)
    ends = [await _end_of(context, status, now) for status in statuses.values()]
    unclaimed = [status for status in statuses.values() if status.state == "queued"]
    waiting = [status for status in unclaimed if mail.calls_again or _is_called_for_again(status, now)]
    await _call_for(context, waiting[:MOST_AT_ONCE])
    by_pool: dict[str, list[str]] = {}
    for status in unclaimed:
        by_pool.setdefault(status.pool, []).append(status.id)
    return Known(known + [end for end in ends if end is not None], by_pool)


def is_due(run: Run, now: datetime) -> bool:
    """Whether it should have been reconciled by now."""
    return run.wake_at is not None and run.wake_at <= now


def is_wide(run: Run) -> bool:
    """Whether a step of it runs on more than one provider."""
    return any(step.invocations is not None for step in run.steps)


async def _end_of(context: SchedulerContext, attempt: AttemptStatus, now: datetime) -> Finished | None:
    if attempt.state in ATTEMPT_ENDED and attempt.outcome is not None:
        return Finished(attempt.id, attempt.state, attempt.outcome)
    if _has_run_out(attempt, now) and context.leases.trusts_leases(now):
        outcome = lost_outcome(attempt, now)
        where: Where = {"state": "running", "fence": attempt.fence, "lease_until": Range(below=instant_text(now))}
        changes = Changes(set={"state": "unknown", "outcome": outcome.model_dump(mode="json")})
        if await context.store.change(ATTEMPTS, {"id": attempt.id, **where}, changes):
            ATTEMPTS_LOST.inc()
            log.warning("attempt.lost", run_id=attempt.run_id, step=attempt.step, attempt=attempt.number)
            return Finished(attempt.id, "unknown", outcome)
    return None


def _is_called_for_again(attempt: AttemptStatus, now: datetime) -> bool:
    """Whether an attempt that nobody has claimed is announced once more, in case its message was lost.

    At first with every turn, then about every ten minutes: the messages of those that merely wait for a free slot
    are still in the queue, and each further one is one more to be turned away.
    """
    waited = (now - attempt.created_at).total_seconds()
    return waited < CALL_OFTEN_FOR or waited % CALL_SELDOM_EVERY < LATEST_WAKE.total_seconds()


def _has_run_out(attempt: AttemptStatus, now: datetime) -> bool:
    return attempt.state == "running" and attempt.lease_until is not None and attempt.lease_until < now


async def new_attempts(context: SchedulerContext, run: Run, keys: Sequence[AttemptKey]) -> list[Attempt]:
    """These attempts, ready to be stored; or ended already where they may not be run."""
    if not keys:
        return []
    version, now = await version_of(context, run), context.clock()
    ids_before = [attempt_id(run.id, p.step_index, p.invocation, n) for p in keys for n in range(1, p.number)]
    before = await attempt_statuses(context.store, ids_before)
    places = {key: await _provider_of(context, run, key) for key in keys}
    captured = await captured_for(context, run, version, {key: place[0] for key, place in places.items()})
    made = []
    for key, (provider, pool, pin) in places.items():
        earlier = [s for s in before.values() if (s.step_index, s.invocation) == key[:2]] if before else []
        made.append(
            new_attempt(
                run,
                version,
                key,
                provider=provider,
                pool=pool,
                pin=pin,
                earlier=earlier,
                now=now,
                captured=captured.get(key, NOTHING_CAPTURED),
            )
        )
    return made


async def dispatch(context: SchedulerContext, run: Run, made: Sequence[Attempt]) -> bool:
    """Call executors for attempts that are stored now; whether any has ended already, as it may not be run."""
    if not made:
        return False
    ATTEMPTS_DISPATCHED.inc(amount=len(made))
    log.debug("step.queued", run_id=run.id, step=made[0].step, attempts=len(made))
    await _call_for(context, [one for one in made if one.state == "queued"])
    return any(one.state in ATTEMPT_ENDED for one in made)


async def _provider_of(context: SchedulerContext, run: Run, key: AttemptKey) -> tuple[str, str, str | None]:
    """The provider of an invocation, its pool, and the versions that it may be at, where the run was planned."""
    step = run.steps[key.step_index]
    if step.provider is not None and step.pool is not None:
        return step.provider, step.pool, step.pin
    planned = await _planned(context, run, key.step_index)
    pin = planned.pins[key.invocation] if planned.pins else None
    return planned.providers[key.invocation], planned.pools[key.invocation], pin


async def _planned(context: SchedulerContext, run: Run, step_index: int) -> PlannedStep:
    step = step_id(run.id, step_index)
    planned = context.planned.get(step)
    if planned is None:
        planned = await planned_step(context.store, step)
        context.planned.remember(step, planned)
    return planned


async def settle_wide_steps(context: SchedulerContext, run: Run, ended: Iterable[int]) -> None:
    """Move the texts of wide steps that have ended into their own documents; the run keeps numbers and few names."""
    for step_index in ended:
        wide = run.steps[step_index].invocations
        if wide is None:
            continue
        planned = await _planned(context, run, step_index)
        texts = {"states": wide.states, "numbers": wide.numbers}
        await context.store.change(STEPS, {"id": planned.id}, Changes(set=texts))
        wide.failed_providers = planned.failed(wide.states)[:MOST_FAILED_NAMES]
        wide.states, wide.numbers, wide.due = "", "", {}


async def cancel_attempts(context: SchedulerContext, attempts: Sequence[str]) -> bool:
    """Have attempts ended; whether any has ended already, as nobody had begun it."""
    ids = OneOf(tuple(attempts))
    outcome = unclaimed_outcome(context.clock()).model_dump(mode="json")
    where: Where = {"id": ids, "state": "queued"}
    settled = await context.store.change_all(ATTEMPTS, where, Changes(set={"state": "cancelled", "outcome": outcome}))
    if settled < len(attempts) and await context.store.change_all(
        ATTEMPTS, {"id": ids, "state": "running"}, Changes(set={"cancel": True})
    ):
        await publish_or_leave(context.bus, CancelAttempts(attempt_ids=list(attempts)))
    return settled > 0


async def _call_for(context: SchedulerContext, attempts: Iterable[AttemptStatus]) -> None:
    calls = [
        ExecuteStep(attempt_id=one.id, run_id=one.run_id, pool=one.pool, provider=one.provider) for one in attempts
    ]
    if calls:
        await publish_or_leave(context.bus, *calls)
