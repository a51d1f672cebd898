import { describe, expect, test } from "vitest";
import { aStep } from "../../testing/builders";
import { segmentOf } from "./segment";

describe("the bar of a step", () => {
  test.each([
    [aStep({ state: "pending" }), { color: "gray", filled: 0, text: "pending" }],
    [aStep({ state: "running" }), { color: "blue", filled: 50, text: "running" }],
    [
      aStep({ state: "running", invocations: { succeeded: 2, failed: 1, running: 1, pending: 6 } }),
      { color: "blue", filled: 30, text: "running" },
    ],
    [
      aStep({ state: "failed", invocations: { failed: 1, succeeded: 4, skipped: 5 } }),
      { color: "red", filled: 100, text: "failed" },
    ],
    [aStep({ state: "failed", invocations: { skipped: 5 } }), { color: "red", filled: 100, text: "failed" }],
    [
      aStep({ state: "failed", invocations: { succeeded: 2, skipped: 8 } }),
      { color: "teal", filled: 20, text: "stopped by its check" },
    ],
  ])("%#", (step, segment) => {
    expect(segmentOf(step)).toEqual(segment);
  });
});
