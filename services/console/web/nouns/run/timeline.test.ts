import { describe, expect, test } from "vitest";
import type { Run } from "./states";
import { entryText } from "./timeline";

const NOTHING = {
  seq: 1,
  at: "2026-05-01T12:00:00Z",
  state: null,
  gate: null,
  step: null,
  attempt: null,
  reason: null,
  text: null,
  by: null,
  due_at: null,
} satisfies Omit<Run["timeline"][number], "event">;

describe("an entry of a timeline", () => {
  test.each([
    [{ event: "run.queued", state: "queued" }, "The run was queued"],
    [{ event: "run.paused", by: "ann" }, "The run was paused by ann"],
    [{ event: "run.ended", state: "failed" }, "The run ended as failed"],
    [{ event: "step.finished", step: "check", attempt: 1, state: "failed" }, "Step 'check' ended as failed"],
    [{ event: "step.queued", step: "check", attempt: 2 }, "Step 'check', attempt 2, was sent to an executor"],
  ] as const)("%o reads as a sentence", (entry, text) => {
    expect(entryText({ ...NOTHING, ...entry })).toBe(text);
  });
});
