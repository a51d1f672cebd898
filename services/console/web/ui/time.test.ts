import { describe, expect, test } from "vitest";
import { durationText, isFar, relativeText } from "./time";

describe("a duration", () => {
  test.each([
    [0, "0s"],
    [0.042, "42ms"],
    [0.42, "0.4s"],
    [0.97, "1.0s"],
    [9.96, "10s"],
    [59.4, "59s"],
    [59.6, "1m"],
    [200, "3m 20s"],
    [3599.7, "1h"],
    [7500, "2h 5m"],
    [86_399, "1d"],
    [273_600, "3d 4h"],
  ])("of %d seconds reads %s", (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });
});

describe("an instant", () => {
  const now = new Date("2026-05-01T12:00:00Z");

  test.each([
    ["2026-05-01T11:59:58Z", "just now"],
    ["2026-05-01T11:55:00Z", "5m ago"],
    ["2026-05-01T14:00:00Z", "in 2h"],
    ["2026-04-28T11:00:00Z", "3d ago"],
  ])("%s reads %s", (instant, text) => {
    expect(relativeText(new Date(instant), now)).toBe(text);
  });

  test("long ago reads as its date", () => {
    expect(relativeText(new Date("2025-01-01T12:00:00Z"), now)).toContain("2025");
  });

  test.each([
    ["2026-05-31T12:00:00Z", false],
    ["2026-05-31T12:00:01Z", true],
    ["2026-03-01T12:00:00Z", true],
  ])("%s is far: %s", (instant, far) => {
    expect(isFar(new Date(instant), now)).toBe(far);
    expect(relativeText(new Date(instant), now).includes("2026")).toBe(far);
  });
});
