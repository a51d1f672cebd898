import { expect, test } from "vitest";
import { dayText, inWay, monthDayOf, WAYS, type Way, wayOf } from "./at";

const NOW = new Date("2026-05-01T12:00:00Z");

test("each way is known by its field, and what is said in none or in several is none", () => {
  for (const way of Object.keys(WAYS) as Way[]) {
    expect(wayOf(inWay(way, undefined, NOW))).toBe(way);
  }
  expect([wayOf(undefined), wayOf("daily"), wayOf({ hourly: 1 }), wayOf({ daily: "02:30", cron: "" })]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

test("another way keeps the time of day", () => {
  const weekly = inWay("weekly", { daily: "23:05" }, NOW);
  expect(weekly).toEqual({ weekly: { days: ["mon"], time: "23:05" } });
  expect(inWay("monthly", weekly, NOW)).toEqual({ monthly: { day: 1, time: "23:05" } });
  expect(inWay("cron", weekly, NOW)).toEqual({ cron: "5 23 * * *" });
  expect(inWay("daily", { daily: "soon" }, NOW)).toEqual({ daily: "02:30" });
  const once = inWay("once", { daily: "23:05" }, NOW).once;
  expect(new Date(String(once)).getTime()).toBeGreaterThan(NOW.getTime());
});

test("every day of a month that can be said is read and written as it was", () => {
  for (const day of [1, 31, "last", "2nd tue", "5th mon", "last fri"]) {
    expect(dayText(monthDayOf(day))).toBe(day);
  }
  expect(dayText(monthDayOf("  LAST   Fri "))).toBe("last fri");
  expect(dayText(monthDayOf("someday"))).toBe(1);
});
