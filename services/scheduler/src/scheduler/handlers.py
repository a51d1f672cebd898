"""What the scheduler does about each command and event.

Everything comes down to one verb: look at a run, and move it on as far as it can be moved now. A look stores the
run first, under compare-and-set, and only then acts on what it stored; whatever a crash leaves undone between the
two, the next look finds and does, since attempts have ids that say which attempt they are.
"""

import asyncio
from datetime import datetime

import structlog

from scheduler.desk import Desk
from scheduler.domain.attempts import lost_outcome, new_attempt, unclaimed_outcome
from scheduler.domain.progress import LATEST_LOOK, Circumstances, Finished, Move, advance, attempt_under_way
from scheduler.metrics import ATTEMPTS_DISPATCHED, ATTEMPTS_LOST, RUNS_ENDED
from shared.bus.port import BusUnavailableError
from shared.collections import ATTEMPTS
from shared.contracts.action import ActionDefinition
from shared.contracts.attempt import ATTEMPT_ENDED, Attempt, AttemptState, Outcome, step_and_number
from shared.contracts.message import Message
from shared.contracts.run import ENDED, AdvanceRun, CancelAttempts, ExecuteStep, Run, StepFinished
from shared.contracts.values import instant_text
from shared.definitions import action_version
from shared.runs.repository import attempt_of, insert_attempt, replace_run, run_of
from shared.store.port import Changes, Range, Where

MOST_CONFLICTS = 20
"""How often a look begins anew because somebody else changed the run; more is a mistake, not a race."""
CALL_OFTEN_FOR, CALL_SELDOM_EVERY = 180.0, 600.0
"""Seconds."""
SOON = 60.0
"""Seconds: what is due within them is also looked at by a timer, to the moment; the sweep has the rest."""

log = structlog.get_logger()


async def advance_run(desk: Desk, command: AdvanceRun) -> None:
    """A run is new, or somebody wants it to end."""
    if command.run is not None:
        desk.runs.remember(command.run_id, command.run)
    else:
        desk.runs.forget(command.run_id)
    await look(desk, command.run_id)


async def step_finished(desk: Desk, event: StepFinished) -> None:
    """An attempt ended."""
    await look(desk, event.run_id, Finished(event.attempt_id, event.state, event.outcome))


async def handle(desk: Desk, message: Message) -> None:
    """The handler of the scheduler's queue."""
    match message:
        case AdvanceRun():
            await advance_run(desk, message)
        case StepFinished():
            await step_finished(desk, message)
        case _:
            error = f"the scheduler has no handler for {message.kind}"
            raise TypeError(error)


async def look(desk: Desk, run_id: str, finished: Finished | None = None, *, calls_again: bool = False) -> None:
    """Move a run on as far as it can be moved now.

    ``calls_again``: the message that called for its waiting attempt is surely lost.
    """
    for _ in range(MOST_CONFLICTS):
        run = desk.runs.get(run_id) or await run_of(desk.store, run_id)
        if run is None:
            log.warning("run.missing", run_id=run_id)
            return
        if run.state in ENDED:
            desk.runs.forget(run_id)
            return
        action = await _action_of(desk, run)
        ended = await _end_under_way(desk, run, finished, calls_again=calls_again)
        move = advance(run, action, ended, Circumstances(now=desk.clock(), chance=desk.chance()))
        if move.changed and not await replace_run(desk.store, move.run):
            desk.runs.forget(run_id)
            continue
        desk.runs.remember(run_id, move.run)
        if await _carry_out(desk, move):
            return
    log.error("run.contended", run_id=run_id, tries=MOST_CONFLICTS)
    error = f"run {run_id} was changed by others {MOST_CONFLICTS} times while it was looked at"
    raise RuntimeError(error)


async def _action_of(desk: Desk, run: Run) -> ActionDefinition:
    version_id = run.action.version_id
    action = desk.versions.get(version_id)
    if action is None:
        action = await action_version(desk.store, version_id)
        desk.versions.remember(version_id, action)
    return action


async def _end_under_way(desk: Desk, run: Run, finished: Finished | None, *, calls_again: bool) -> Finished | None:
    """How the attempt under way ended, if it did: as the message says, or as the store knows."""
    current = attempt_under_way(run)
    if current is None or run.state == "queued":
        return None
    if finished is not None and finished.attempt_id == current:
        return finished
    attempt = await attempt_of(desk.store, current)
    if attempt is None:
        # Whoever stored that this attempt is to be made came to its end before making it.
        await _make_attempt(desk, run, *step_and_number(current))
        return None
    return await _end_of(desk, attempt, calls_again=calls_again)


async def _end_of(desk: Desk, attempt: Attempt, *, calls_again: bool) -> Finished | None:
    if attempt.state in ATTEMPT_ENDED and attempt.outcome is not None:
        return Finished(attempt.id, attempt.state, attempt.outcome)
    now = desk.clock()
    if _has_run_out(attempt, now) and desk.watch.trusts_leases(now):
        where: Where = {"state": "running", "fence": attempt.fence, "lease_until": Range(below=instant_text(now))}
        outcome = lost_outcome(attempt, now)
        if await _end_attempt(desk, attempt.id, where, "unknown", outcome):
            ATTEMPTS_LOST.inc()
            log.warning("attempt.lost", run_id=attempt.run_id, step=attempt.step, attempt=attempt.number)
            return Finished(attempt.id, "unknown", outcome)
    if attempt.state == "queued" and (calls_again or _is_called_for_again(attempt, now)):
        await _publish(desk, ExecuteStep(attempt_id=attempt.id, run_id=attempt.run_id, pool=attempt.pool))
    return None


def _is_called_for_again(attempt: Attempt, now: datetime) -> bool:
    """Whether an attempt that nobody has claimed is announced once more, in case its message was lost.

    At first with every look, then about every ten minutes: the messages of those that merely wait for a free place
    are still in the queue, and each further one is one more to be turned away.
    """
    waited = (now - attempt.created_at).total_seconds()
    return waited < CALL_OFTEN_FOR or waited % CALL_SELDOM_EVERY < LATEST_LOOK.total_seconds()


def _has_run_out(attempt: Attempt, now: datetime) -> bool:
    return attempt.state == "running" and attempt.lease_until is not None and attempt.lease_until < now


async def _end_attempt(desk: Desk, attempt: str, where: Where, state: AttemptState, outcome: Outcome) -> bool:
    changes = Changes(set={"state": state, "outcome": outcome.model_dump(mode="json")})
    return await desk.store.change(ATTEMPTS, {"id": attempt, **where}, changes)


async def _carry_out(desk: Desk, move: Move) -> bool:
    """Do what a stored move says; whether that was all, or the run is to be looked at once more."""
    run = move.run
    for step_index, number in move.dispatch:
        await _make_attempt(desk, run, step_index, number)
    settled = [await _cancel(desk, attempt) for attempt in move.cancel]
    if move.changed:
        desk.notices.note(run.id)
        _report(desk, run)
    return not any(settled)


def _report(desk: Desk, run: Run) -> None:
    if run.state in ENDED:
        desk.runs.forget(run.id)
        RUNS_ENDED.labels(run.state).inc()
        log.info("run.ended", run_id=run.id, action=run.action.name, state=run.state, reason=run.reason)
    elif run.wake_at is not None:
        _look_when_due(desk, run)


def _look_when_due(desk: Desk, run: Run) -> None:
    """A timer for what is due soon and to the moment: the next attempt, or the run's own time-out."""
    due = [step.due_at for step in run.steps if step.due_at is not None]
    instant = min([*due, *([run.deadline] if run.deadline else [])], default=None)
    pause = SOON if instant is None else (instant - desk.clock()).total_seconds()
    if not 0 <= pause < SOON:
        return

    def start() -> None:
        desk.timers.discard(timer)
        desk.look_in_background(look(desk, run.id), f"look at {run.id}")

    timer = asyncio.get_running_loop().call_later(pause + 0.001, start)
    desk.timers.add(timer)


async def _make_attempt(desk: Desk, run: Run, step_index: int, number: int) -> None:
    """Store an attempt and call an executor of its pool."""
    action = await _action_of(desk, run)
    attempt = new_attempt(run, action, step_index, number, desk.clock())
    await insert_attempt(desk.store, attempt)
    ATTEMPTS_DISPATCHED.inc()
    log.debug("step.queued", run_id=run.id, step=attempt.step, attempt=number, provider=attempt.provider)
    await _publish(desk, ExecuteStep(attempt_id=attempt.id, run_id=run.id, pool=attempt.pool))


async def _cancel(desk: Desk, attempt: str) -> bool:
    """Have an attempt ended; whether it has ended already, as nobody had begun it."""
    outcome = unclaimed_outcome(desk.clock())
    if await _end_attempt(desk, attempt, {"state": "queued"}, "cancelled", outcome):
        return True
    if await desk.store.change(ATTEMPTS, {"id": attempt, "state": "running"}, Changes(set={"cancel": True})):
        await _publish(desk, CancelAttempts(attempt_ids=[attempt]))
    return False


async def _publish(desk: Desk, message: Message) -> None:
    try:
        await desk.bus.publish(message)
    except BusUnavailableError as error:
        log.warning("bus.message_left_to_sweep", kind=message.kind, error=str(error))
