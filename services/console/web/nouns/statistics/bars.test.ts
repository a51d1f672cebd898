import { describe, expect, test } from "vitest";
import { durationBar, durationBarText, outcomeBar, outcomeText } from "./bars";
import { firstOf } from "./days";

const day = { day: "2026-05-01", runs: 0, success_rate: null, duration: { p50: null, p95: null }, outcomes: {} };

describe("a day's outcomes", () => {
  test.each([
    [{}, [0, 0, 0], "no runs"],
    [{ succeeded: 3 }, [3, 0, 0], "3 succeeded"],
    [
      { succeeded: 3, failed: 2, unknown: 1, cancelled: 4, skipped: 1 },
      [3, 3, 5],
      "3 succeeded, 3 failed, 5 ended otherwise",
    ],
    [{ failed: 1 }, [0, 1, 0], "0 succeeded, 1 failed"],
  ])("%o", (outcomes, parts, text) => {
    const bar = outcomeBar({ ...day, outcomes });
    expect(bar).toEqual({ day: day.day, parts });
    expect(outcomeText(bar)).toBe(text);
  });
});

describe("a day's durations", () => {
  test.each([
    [{ p50: null, p95: null }, [0, 0], "no runs"],
    [{ p50: 2, p95: 62 }, [2, 60], "half took at most 2.0s, 95 of 100 at most 1m 2s"],
  ])("%o", (duration, parts, text) => {
    const bar = durationBar({ ...day, duration });
    expect(bar).toEqual({ day: day.day, parts });
    expect(durationBarText(bar)).toBe(text);
  });
});

test("thirty days end today", () => {
  expect(firstOf(30, new Date("2026-03-01T00:30:00Z"))).toBe("2026-01-31");
  expect(firstOf(1, new Date("2026-03-01T23:30:00Z"))).toBe("2026-03-01");
});
