import { expect, test } from "vitest";
import { clockText } from "./clockText";

test("a fire time is told by the clocks of its schedule, not of who looks", () => {
  expect(clockText("2026-03-29T01:00:00.000Z", "Europe/Berlin")).toBe("Sun, 29 Mar 2026, 03:00 GMT+2");
  expect(clockText("2026-10-25T00:30:00.000Z", "Europe/Berlin")).toBe("Sun, 25 Oct 2026, 02:30 GMT+2");
  expect(clockText("2026-01-31T12:00:00.000Z", "UTC")).toMatch(/^Sat, 31 Jan 2026, 12:00/);
});
