import { expect, test } from "vitest";
import { clockText } from "./clockText";

test("a fire time is told by the clocks of its schedule, not of who looks", () => {
  expect(clockText("2026-03-29T01:00:00.000Z", "Europe/Berlin")).toBe("Sun, 29 Mar 2026, 03:00 UTC+2");
  expect(clockText("2026-10-25T00:30:00.000Z", "Europe/Berlin")).toBe("Sun, 25 Oct 2026, 02:30 UTC+2");
});

test("UTC is called so, in whichever zone the clocks are not ahead of it", () => {
  expect(clockText("2026-01-31T12:00:00.000Z", "UTC")).toBe("Sat, 31 Jan 2026, 12:00 UTC");
  expect(clockText("2026-01-31T12:00:00.000Z", "Europe/London")).toBe("Sat, 31 Jan 2026, 12:00 UTC");
  expect(clockText("2026-01-31T12:00:00.000Z", "America/St_Johns")).toBe("Sat, 31 Jan 2026, 08:30 UTC-3:30");
});
