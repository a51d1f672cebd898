import type { Run } from "./states";

type Entry = Run["timeline"][number];

const TOLD: Readonly<Record<string, string>> = {
  "run.delayed": "was asked for, to start later",
  "run.queued": "was queued",
  "run.waiting": "began to wait",
  "run.started": "started",
  "run.cancel_requested": "was told to end",
  "run.paused": "was paused",
  "run.pause_too_late": "was paused too late",
  "run.resumed": "was resumed",
  "run.timed_out": "had taken as long as it may",
  "run.ended": "ended",
  "step.queued": "was sent to an executor",
  "step.finished": "ended",
  "step.retrying": "is to be tried again",
  "step.skipped": "was not run",
};

/** An entry of a run's timeline in words. */
export function entryText({ event, step, attempt, state, by }: Entry): string {
  const named = step === null ? "The run" : `Step '${step}'`;
  const again = attempt === null || attempt === 1 ? "" : `, attempt ${attempt},`;
  const told = TOLD[event] ?? event;
  const how = told === "ended" && state !== null ? ` as ${state}` : "";
  return `${named}${again} ${told}${how}${by === null ? "" : ` by ${by}`}`;
}
