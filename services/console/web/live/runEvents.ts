import type { Schemas } from "../api/client";
import { type Attempt, hasEnded, type Run, type RunStep, type StepState } from "../nouns/run/states";

type RunEvent = Schemas["RunEvent"];
type StepEvent = Schemas["StepEvent"];

/*
 * A stream begins with the run's beginning, and the run that a page has loaded may be further on by then: what is
 * older than what is known changes nothing.
 */

/** A run after its stream told its state or its progress. */
export function afterRunEvent(run: Run, event: RunEvent): Run {
  if ((hasEnded(run.state) && !hasEnded(event.state)) || event.progress.done < run.progress.done) {
    return run;
  }
  return {
    ...run,
    state: event.state,
    reason: event.reason,
    reason_text: event.reason_text,
    cancel_requested: run.cancel_requested || event.cancel_requested,
    not_before: event.not_before,
    started_at: event.started_at ?? run.started_at,
    estimated_duration: event.estimated_duration,
    remaining: event.remaining,
    progress: event.progress,
    waiting_for: event.state === "running" ? null : run.waiting_for,
  };
}

/** A run after its stream told the state of a step, or its newest attempt. */
export function afterStepEvent(run: Run, event: StepEvent): Run {
  return { ...run, steps: run.steps.map((step) => (step.name === event.name ? afterEvent(step, event) : step)) };
}

const OF_APPROVALS = /^run\.(awaiting_approval|approval_\w+|rejected|ended)$/;

/** Whether something waits for people, or does no more, or somebody has decided about it. */
export function tellsOfApproval({ event }: Pick<RunEvent, "event">): boolean {
  return OF_APPROVALS.test(event);
}

const ORDER = {
  pending: 0,
  queued: 1,
  running: 2,
  succeeded: 3,
  failed: 3,
  cancelled: 3,
  skipped: 3,
  unknown: 3,
} satisfies Record<StepState, number>;

function afterEvent(step: RunStep, event: StepEvent): RunStep {
  if (isOlder(step, event)) {
    return step;
  }
  const attempts = event.attempt === null ? step.attempts : withAttempt(step.attempts, event.attempt);
  return {
    ...step,
    state: event.state,
    reason: event.reason,
    reason_text: event.reason_text ?? event.attempt?.reason_text ?? null,
    due_at: event.due_at,
    attempts,
    started_at: step.started_at ?? attempts[0]?.started_at ?? null,
    invocations: event.invocations ?? step.invocations,
  };
}

function isOlder(step: RunStep, event: StepEvent): boolean {
  const known = step.attempts.at(-1)?.number ?? 0;
  const told = event.attempt?.number ?? known;
  return told === known ? ORDER[event.state] < ORDER[step.state] : told < known;
}

function withAttempt(attempts: readonly Attempt[], newest: Attempt): Attempt[] {
  const others = attempts.filter(({ number }) => number !== newest.number);
  return [...others, newest].sort((a, b) => a.number - b.number);
}
