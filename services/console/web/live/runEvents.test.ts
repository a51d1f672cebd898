import { expect, test } from "vitest";
import { anAttempt, aRun, aStep } from "../testing/builders";
import { afterRunEvent, afterStepEvent, tellsOfApproval } from "./runEvents";

const unknownTimes = { started_at: null, estimated_duration: null, remaining: null };
const told = { name: "restart", reason: null, due_at: null, attempt: null };
const running = aRun({ state: "running", progress: { done: 1, total: 3, percent: 33, current_step: "restart" } });

test("a step takes its state and its newest attempt", () => {
  const run = aRun({ steps: [aStep({ name: "check" }), aStep()] });
  const after = afterStepEvent(run, { ...told, state: "running", attempt: anAttempt() });
  expect(after.steps.map(({ name, state, started_at }) => [name, state, started_at])).toEqual([
    ["check", "pending", null],
    ["restart", "running", "2026-05-01T12:00:01Z"],
  ]);
  const again = afterStepEvent(after, { ...told, state: "running", attempt: anAttempt({ number: 2 }) });
  expect(again.steps[1]?.attempts.map(({ number }) => number)).toEqual([1, 2]);
});

test("what a stream tells of the past changes nothing", () => {
  const ended = anAttempt({ number: 2, state: "succeeded" });
  const run = aRun({ steps: [aStep({ state: "succeeded", attempts: [anAttempt({ state: "failed" }), ended] })] });
  expect(afterStepEvent(run, { ...told, state: "running", attempt: anAttempt() })).toEqual(run);
  expect(afterStepEvent(run, { ...told, state: "running", attempt: anAttempt({ number: 2 }) })).toEqual(run);
  const past = {
    ...unknownTimes,
    id: run.id,
    event: "run.started",
    by: null,
    paused: false,
    not_before: null,
    cancel_requested: false,
  };
  const beginning = { done: 0, total: 3, percent: 0, current_step: null };
  expect(
    afterRunEvent(running, { ...past, state: "queued", reason: null, reason_text: null, progress: beginning }),
  ).toBe(running);
});

test("a wide step takes how far it has come", () => {
  const run = aRun({ steps: [aStep({ provider: null, state: "running", invocations: { pending: 2, running: 1 } })] });
  const after = afterStepEvent(run, { ...told, state: "running", invocations: { succeeded: 1, running: 2 } });
  expect(after.steps[0]?.invocations).toEqual({ succeeded: 1, running: 2 });
});

test("a run takes its end", () => {
  const end = {
    ...unknownTimes,
    id: running.id,
    event: "run.ended",
    by: null,
    paused: false,
    not_before: null,
    cancel_requested: true,
  };
  const progress = { done: 3, total: 3, percent: 100, current_step: null };
  const after = afterRunEvent(running, {
    ...end,
    state: "cancelled",
    reason: "cancelled",
    reason_text: "enough",
    progress,
  });
  expect([after.state, after.reason_text, after.cancel_requested, after.progress.done]).toEqual([
    "cancelled",
    "enough",
    true,
    3,
  ]);
});

test("whoever counts what waits for people hears of what was decided, and of no progress", () => {
  const told = ["run.awaiting_approval", "run.approval_given", "run.approval_expired", "run.rejected", "run.ended"];
  expect(told.filter((event) => tellsOfApproval({ event }))).toEqual(told);
  expect(["run.started", "run.queued", "step.finished"].filter((event) => tellsOfApproval({ event }))).toEqual([]);
});
