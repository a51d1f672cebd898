import { expect, test } from "vitest";
import { atText } from "./atText";

test("when a schedule fires is told in words", () => {
  expect(atText({ daily: "02:30" })).toBe("daily at 02:30");
  expect(atText({ weekly: { days: ["mon", "thu"], time: "02:30" } })).toBe("mon, thu at 02:30");
  expect(atText({ monthly: { day: "2nd tue", time: "02:30" } })).toBe("2nd tue of the month at 02:30");
  expect(atText({ cron: "30 2 * * *", daily: null })).toBe("cron 30 2 * * *");
  expect(atText({ once: "2027-01-01T00:00:00Z" })).toBe("once");
});
