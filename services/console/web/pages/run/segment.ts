import { lookOf, type RunStep } from "../../nouns/run/states";

export interface Segment {
  /** Of a state, in Mantine's words. */
  color: string;
  /** In percent. */
  filled: number;
  text: string;
}

/** What the bar of a step shows. */
export function segmentOf(step: RunStep): Segment {
  const { label, color } = lookOf(step.state);
  if (step.state === "pending" || step.state === "queued") {
    return { color, filled: 0, text: label };
  }
  if (isStoppedByItsCheck(step)) {
    // What has failed is the check, which has a bar of its own.
    return { color: lookOf("succeeded").color, filled: endedOf(step, ["succeeded"]), text: "stopped by its check" };
  }
  return { color, filled: step.state === "running" ? endedOf(step, ENDED) : 100, text: label };
}

const ENDED = ["succeeded", "failed", "cancelled", "skipped", "unknown"] as const;

/** On which part of its machines a step has come to one of these ends; on one machine nobody knows, so half is told. */
function endedOf({ invocations }: RunStep, ends: readonly (typeof ENDED)[number][]): number {
  if (invocations === null) {
    return 50;
  }
  const all = Object.values(invocations).reduce((sum, count) => sum + count, 0);
  return (100 * ends.reduce((sum, state) => sum + (invocations[state] ?? 0), 0)) / Math.max(1, all);
}

function isStoppedByItsCheck({ state, invocations }: RunStep): boolean {
  return (
    state === "failed" && invocations !== null && !invocations.failed && !invocations.unknown && !!invocations.succeeded
  );
}
