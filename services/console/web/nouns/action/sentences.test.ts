import { describe, expect, test } from "vitest";
import { concurrencyText, rolloutText } from "./sentences";

describe("how many runs at a time", () => {
  const one = { limit: 1, key: "", when_full: "queue", queue_limit: 20, queue_ttl: 3600 } as const;

  test.each([
    [one, "One run at a time; one more waits its turn, for 1h at most, and 20 may wait."],
    [
      { ...one, limit: 3, key: "{{ host }}", when_full: "skip" } as const,
      "At most 3 runs with the same {{ host }} at a time; one more is skipped.",
    ],
    [{ ...one, when_full: "replace" } as const, "One run at a time; one more cancels the oldest and takes its place."],
  ])("%o is told in a sentence", (concurrency, text) => {
    expect(concurrencyText(concurrency)).toBe(text);
  });
});

describe("a rollout", () => {
  test.each([
    [
      { batches: 1, batch_sizes: [3], max_parallel: null, max_failures: 0, check: null },
      "All in one batch; it stops once one has failed.",
    ],
    [
      { batches: 4, batch_sizes: [1, 2, 5, 5], max_parallel: 10, max_failures: 2, check: "verify" },
      "In 4 batches, of 1, 2, 5, 5, 10 at the same time at most; it stops once more than 2 have failed; 'verify' is run after each batch.",
    ],
    [
      { batches: 101, batch_sizes: [1, 1], max_parallel: null, max_failures: 0, check: null },
      "In 101 batches, of 1, 1, …; it stops once one has failed.",
    ],
  ])("%o is told in a sentence", (rollout, text) => {
    expect(rolloutText(rollout)).toBe(text);
  });
});
