"""What the scheduler does about each command and event.

Everything comes down to one verb: reconcile a run, which is to read it, decide, and move it on as far as it can be
moved now. The run is stored first, under compare-and-set, its new attempts after it in the same wait for the store, and
only then is done what was stored; whatever a crash leaves undone in between, the next turn finds and does, since
attempts have ids that say which attempt they are.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from scheduler.domain.conditions import Answers
from scheduler.domain.gates import pool_without_executor
from scheduler.domain.invocation import Finished, Tick, waits_for_all
from scheduler.domain.progress import advance
from scheduler.domain.steps import Move
from scheduler.handlers.alerts import alerts_over
from scheduler.handlers.attempts import (
    cancel_attempts,
    dispatch,
    is_due,
    is_wide,
    known_attempts,
    new_attempts,
    settle_wide_steps,
    version_of,
)
from scheduler.handlers.conditions import answered
from scheduler.handlers.context import SchedulerContext
from scheduler.handlers.mailbox import MOST_LOSSES, REST, Mail, Reconciled
from scheduler.handlers.slots import slot_for
from shared.collections import RUNS
from shared.contracts.attempt import Attempt, attempt_id, attempt_key
from shared.contracts.model import Message
from shared.contracts.run import ENDED, AdvanceRun, Run, RunsChanged, StepFinished
from shared.contracts.values import instant_text
from shared.definitions import ActionVersion
from shared.metrics import PlainCounter
from shared.runs.approvals import principals_of
from shared.runs.repository import NOT_ENDED, replace_run, run_of
from shared.runs.slots import leave
from shared.store.port import Changes

RUNS_ENDED = PlainCounter("opsimate_runs_ended", "Runs that ended, by how", ["state"])
LOOK_AGAIN = timedelta(seconds=2)
"""For an executor of a pool of which none seemed to be there: it may have come a moment ago."""
CLEANUP_WAITS = timedelta(seconds=30)
"""How long the cleanup of a run that is to end waits for an executor of a pool that nobody serves."""
SOON = 60.0
"""Seconds: what is due within them is also woken by a timer, to the moment; the sweep has the rest."""

log = structlog.get_logger()


async def advance_run(context: SchedulerContext, command: AdvanceRun) -> None:
    """A run is new, or somebody wants something of it."""
    if command.run is not None:
        context.runs.remember(command.run_id, command.run)
    await reconcile(context, command.run_id, Mail(is_thorough=True, is_changed=command.run is None))


async def step_finished(context: SchedulerContext, event: StepFinished) -> None:
    """An attempt ended."""
    attempt = attempt_id(event.run_id, *attempt_key(event.attempt_id))
    await reconcile(context, event.run_id, Mail(outcomes={attempt: Finished(attempt, event.state, event.outcome)}))


async def handle(context: SchedulerContext, message: Message) -> None:
    """The handler of the scheduler's queues."""
    match message:
        case AdvanceRun():
            await advance_run(context, message)
        case StepFinished():
            await step_finished(context, message)
        case RunsChanged():
            await context.statistics.hear(message.changes)
        case _:
            error = f"the scheduler has no handler for {message.kind}"
            raise TypeError(error)


async def reconcile(context: SchedulerContext, run_id: str, mail: Mail | None = None) -> None:
    """Move a run on as far as it can be moved now, together with whoever else asks for it in this process."""
    await context.mailboxes.post(run_id, mail or Mail(is_thorough=True), partial(_reconcile, context, run_id))


async def _reconcile(context: SchedulerContext, run_id: str, mail: Mail) -> Reconciled:
    """One turn: read, decide, store, act."""
    run = None if mail.is_changed else context.runs.get(run_id)
    if run is None or not waits_for_all(run, mail.outcomes):
        # What was remembered may be older than the attempts that ended: another scheduler made them.
        run = await run_of(context.store, run_id)
    if run is None or run.state in ENDED:
        context.runs.forget(run_id)
        if run is None:
            log.warning("run.missing", run_id=run_id)
        return Reconciled()
    version = await version_of(context, run)
    if version.compiled is None:
        # The catalog adds what is missing soon after it has started; the sweep comes back to the run.
        log.warning("run.waits_for_analysis", run_id=run_id, action=run.action.name, version=run.action.version)
        return Reconciled()
    now = context.clock()
    is_thorough = mail.is_thorough or is_due(run, now)
    known = await known_attempts(context, run, mail, now)
    move = await _advanced(context, run, version, known.ends, Tick(now=now, jitter=context.jitter()))
    attempts = await new_attempts(context, move.run, move.dispatch)
    _look_for_executors(context, move, known.unclaimed, attempts)
    if move.changed:
        await settle_wide_steps(context, move.run, move.ended_wide)
        context.outbox.mark(move.run, now)
        if not await replace_run(context.store, move.run, attempts):
            context.runs.forget(run_id)
            return await _lost(context, run_id, mail)
    context.runs.remember(run_id, move.run)
    if move.run.state in ENDED or (move.run.state == "delayed" and run.state == "queued"):
        # A run that a window holds keeps no slot, nor a place among those that wait for one.
        look_at(context, await leave(context.store, move.run, version.definition, now))
    return await _act(context, move, attempts, is_thorough=is_thorough)


def _look_for_executors(
    context: SchedulerContext, move: Move, unclaimed: Mapping[str, Sequence[str]], made: Sequence[Attempt]
) -> None:
    """Say where nobody serves the pool of an attempt that nobody has claimed; of one just made, look again soon.

    A run that is to end does not wait for an executor that may never come: its cleanup is left undone after a while.
    """
    now = context.clock()
    if pool := context.pools.without_executor(unclaimed):
        move.explain(pool_without_executor(pool))
        context.pools.waits(move.run.id, pool)
        cleanup = (step.dispatched_at for step in move.run.steps if step.is_cleanup and step.ended_at is None)
        if (since := next(filter(None, cleanup), None)) is None:
            return
        if now < since + CLEANUP_WAITS:
            move.wake_at(now, since + CLEANUP_WAITS)
        else:
            move.cancel += unclaimed[pool]
    elif made and context.pools.without_executor([attempt.pool for attempt in made]):
        move.wake_at(now, now + LOOK_AGAIN)


async def _advanced(
    context: SchedulerContext, run: Run, version: ActionVersion, ends: Sequence[Finished], tick: Tick
) -> Move:
    """The run moved on, with answers to whatever that asks for on the way."""
    action, answers = version.definition, Answers(version.compiled)
    while (asked := (move := advance(run, action, ends, tick, answers)).asks) is not None:
        if asked == "slot" and action.concurrency is not None:
            entered = await slot_for(context, move.run, action.concurrency)
            look_at(context, entered.concerned)
            answers = replace(answers, slot=entered.answer)
            continue
        if asked == "window":
            answers = replace(answers, window=await context.windows.over(move.run, action))
            continue
        if asked == "alert":
            answers = replace(answers, alert=await alerts_over(context.store, move.run.trigger))
            continue
        if asked == "approval":
            answers = replace(answers, principals=await principals_of(context.store, move.run.controls))
            continue
        step = asked if isinstance(asked, int) else None
        answer = await answered(context, move.run, action, step, answers.reads(step))
        answers = answers.with_condition(asked, answer)
    return move


def look_at(context: SchedulerContext, run_ids: Iterable[str]) -> None:
    """Have these runs reconciled, as others have changed what they wait for."""
    for run_id in run_ids:
        turn = reconcile(context, run_id, Mail(is_thorough=True, is_changed=True))
        context.mailboxes.begin(turn, f"reconcile {run_id}")


async def _lost(context: SchedulerContext, run_id: str, mail: Mail) -> Reconciled:
    """Somebody else changed the run meanwhile; after too often the run is left to them, due at once."""
    if mail.losses + 1 < MOST_LOSSES:
        return Reconciled(is_lost=True)
    log.info("run.contended", run_id=run_id, losses=MOST_LOSSES)
    due = Changes(set={"wake_at": instant_text(context.clock())})
    await context.store.change(RUNS, {"id": run_id, "state": NOT_ENDED}, due)
    return Reconciled()


async def _act(context: SchedulerContext, move: Move, attempts: Sequence[Attempt], *, is_thorough: bool) -> Reconciled:
    """Do what a stored move says."""
    run, wide = move.run, is_wide(move.run)
    refused = await dispatch(context, run, attempts)
    # Of a wide run thousands are under way: they are told to end once, and then with each turn that is thorough.
    settled = bool(move.cancel) and (is_thorough or not wide) and await cancel_attempts(context, move.cancel)
    if move.changed:
        context.progress_publisher.note(run.id)
        context.outbox.note(run)
    if move.changed or run.state == "delayed" or run.approval is not None:
        _report(context, run)
    following = Mail(is_thorough=True) if settled or refused else Mail() if move.has_more else None
    return Reconciled(following=following, rest=REST if wide and move.changed else 0.0)


def _report(context: SchedulerContext, run: Run) -> None:
    if run.state in ENDED:
        context.runs.forget(run.id)
        _stop_timer(context, run.id)
        RUNS_ENDED.inc(run.state)
        log.info("run.ended", run_id=run.id, action=run.action.name, state=run.state, reason=run.reason)
    elif run.wake_at is not None:
        _wake_when_due(context, run)


def _wake_when_due(context: SchedulerContext, run: Run) -> None:
    """Set a timer for what is due soon and to the moment: the start, the end of an approval, the next attempt, or the
    run's own time-out.
    """
    due = [run.wake_at] if run.state == "delayed" and run.wake_at is not None else []
    due += [run.approval.expires_at] if run.approval is not None else []
    due += [step.due_at for step in run.steps if step.due_at is not None]
    due += [min(wide.due.values()) for step in run.steps if (wide := step.invocations) is not None and wide.due]
    has_deadline = run.waits_since is None and not run.is_timed_out
    due += [run.deadline] if has_deadline and run.deadline is not None else []
    if due:
        wake(context, run.id, min(due))


def wake(context: SchedulerContext, run_id: str, instant: datetime) -> None:
    """Reconcile the run then, if that is soon; at once where it came while the run was stored."""
    _stop_timer(context, run_id)
    pause = max(0.0, (instant - context.clock()).total_seconds())
    if pause >= SOON:
        return

    def start() -> None:
        context.timers.pop(run_id, None)
        context.mailboxes.begin(reconcile(context, run_id), f"reconcile {run_id}")

    context.timers[run_id] = asyncio.get_running_loop().call_later(pause + 0.001, start)


def _stop_timer(context: SchedulerContext, run_id: str) -> None:
    if (timer := context.timers.pop(run_id, None)) is not None:
        timer.cancel()
