import { lookOf, type StepState } from "../../nouns/run/states";

const ORDER = [
  "failed",
  "unknown",
  "running",
  "queued",
  "pending",
  "succeeded",
  "cancelled",
  "skipped",
] satisfies StepState[];

/** On how many machines a step is in which state, what needs a look first: `2 failed, 3 running, 95 succeeded`. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  return ORDER.filter((state) => (counts[state] ?? 0) > 0)
    .map((state) => `${counts[state]} ${lookOf(state).label}`)
    .join(", ");
}
