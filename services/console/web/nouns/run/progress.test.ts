import { describe, expect, test } from "vitest";
import { aRun } from "../../testing/builders";
import { percentOf, progressText } from "./progress";

const running = aRun({
  state: "running",
  started_at: "2026-05-01T12:00:00Z",
  ended_at: null,
  progress: { done: 1, total: 3, percent: 33, current_step: "verify" },
});
const at = (seconds: number) => new Date(new Date("2026-05-01T12:00:00Z").getTime() + seconds * 1000);

describe("how far a run has come", () => {
  test("is told by its steps where nobody knows how long it takes", () => {
    expect(percentOf({ ...running, estimated_duration: null }, at(500))).toBe(33);
  });

  test("is told by its usual time where that says more", () => {
    expect(percentOf({ ...running, estimated_duration: 40 }, at(30))).toBe(75);
  });

  test("is seen from its beginning", () => {
    const begun = { ...running, progress: { ...running.progress, percent: 0 }, estimated_duration: null };
    expect(percentOf(begun, at(0))).toBe(2);
  });

  test("is never told as the end while it runs", () => {
    expect(percentOf({ ...running, estimated_duration: 40 }, at(4000))).toBe(95);
  });

  test("is in words what it does and how long it takes", () => {
    expect(progressText({ ...running, estimated_duration: 48 }, at(20))).toBe("step 2 of 3, verify · 20s, usually 48s");
  });

  test("is the number of its steps between two of them", () => {
    const between = { ...running, progress: { ...running.progress, current_step: null } };
    expect(progressText({ ...between, estimated_duration: null }, at(20))).toBe("1 of 3 steps · 20s");
  });
});
