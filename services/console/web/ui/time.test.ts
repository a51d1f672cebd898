import { describe, expect, test } from "vitest";
import { durationText, relativeText } from "./time";

describe("a duration", () => {
  test.each([
    [0, "0.0 s"],
    [0.42, "0.4 s"],
    [0.97, "1.0 s"],
    [9.96, "10 s"],
    [59.4, "59 s"],
    [59.6, "1 min"],
    [200, "3 min 20 s"],
    [3599.7, "1 h"],
    [7500, "2 h 5 min"],
    [86_399, "1 d"],
    [273_600, "3 d 4 h"],
  ])("of %d seconds reads %s", (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});

describe("an instant", () => {
  const now = new Date("2026-05-01T12:00:00Z");

  test.each([
    ["2026-05-01T11:59:58Z", "just now"],
    ["2026-05-01T11:55:00Z", "5 min ago"],
    ["2026-05-01T14:00:00Z", "in 2 h"],
    ["2026-04-28T11:00:00Z", "3 d ago"],
  ])("%s reads %s", (instant, text) => {
    expect(relativeText(new Date(instant), now)).toBe(text);
  });

  test("long ago reads as its date", () => {
    expect(relativeText(new Date("2025-01-01T12:00:00Z"), now)).toContain("2025");
  });
});
