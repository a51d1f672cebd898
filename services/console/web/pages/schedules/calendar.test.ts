import { expect, test } from "vitest";
import { addDays, clockIn, mondayOf, periodAfter, periodText, weeksOf } from "./calendarDays";
import { askedFor, entriesByDay } from "./calendarEntries";

test("a month is shown in whole weeks from Monday on, also where it begins on one", () => {
  const weeks = weeksOf("month", "2027-02-14");
  expect(weeks.map(([monday]) => monday)).toEqual(["2027-02-01", "2027-02-08", "2027-02-15", "2027-02-22"]);
  expect(weeksOf("month", "2026-12-31").flat().at(-1)).toBe("2027-01-03");
  expect(weeksOf("week", "2026-11-29")).toEqual([Array.from({ length: 7 }, (_, day) => addDays("2026-11-23", day))]);
});

test("one goes on and back by whole periods, across years and from the last day of a long month", () => {
  expect(periodAfter("month", "2027-01-31", 1)).toBe("2027-02-01");
  expect(periodAfter("month", "2027-01-31", -1)).toBe("2026-12-01");
  expect(periodAfter("week", "2026-12-31", 1)).toBe("2027-01-04");
  expect(mondayOf("2026-11-29")).toBe("2026-11-23");
  expect(periodText("month", "2026-12-05")).toBe("December 2026");
  expect(periodText("week", "2026-12-31")).toBe("28 December to 3 January 2027");
});

test("no more than the API gives at once is asked for, and every zone's days lie within", () => {
  const { from, until } = askedFor(weeksOf("month", "2026-08-01").flat());
  expect((Date.parse(until) - Date.parse(from)) / 86_400_000).toBeLessThanOrEqual(62);
  expect(clockIn("Pacific/Kiritimati")(from).day <= "2026-07-27").toBe(true);
  expect(clockIn("Pacific/Pago_Pago")(until).day > "2026-09-06").toBe(true);
});

const hourly = Array.from({ length: 24 }, (_, hour) => `2026-12-01T${String(hour).padStart(2, "0")}:00:00.000Z`);

test("times are told on the clocks of the zone, and many of a day by their number", () => {
  const nightly = { name: "nightly", action: "sweep", owner: null, time_zone: "UTC" };
  const schedules = [
    { ...nightly, name: "hourly", fire_times: hourly },
    { ...nightly, fire_times: ["2026-12-01T23:30:00.000Z"] },
  ];
  const days = ["2026-12-01", "2026-12-02"];
  const inUtc = entriesByDay({ schedules, windows: [] }, days, "UTC");
  expect(inUtc.get("2026-12-01")?.map(({ name, text }) => [name, text])).toEqual([
    ["hourly", "24 times, 00:00 to 23:00"],
    ["nightly", "23:30"],
  ]);
  const inBerlin = entriesByDay({ schedules, windows: [] }, days, "Europe/Berlin");
  expect(inBerlin.get("2026-12-02")?.map(({ name, text }) => [name, text])).toEqual([
    ["hourly", "00:00"],
    ["nightly", "00:30"],
  ]);
});

test("a window stands on each day on which it is open, before what fires, and not on one at whose beginning it ends", () => {
  const times = [{ from: "2026-12-01T22:00:00.000Z", until: "2026-12-04T00:00:00.000Z" }];
  const holds: ("schedules" | "alerts")[] = ["schedules", "alerts"];
  const applies_to = { actions: [], categories: [], tags: [] };
  const windows = [{ name: "freeze", holds, applies_to, time_zone: "UTC", times }];
  const days = ["2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04"];
  const found = entriesByDay({ schedules: [], windows }, days, "UTC");
  expect(days.map((day) => found.get(day)?.map(({ text }) => text))).toEqual([
    [],
    ["22:00 to 24:00"],
    ["00:00 to 24:00"],
    ["00:00 to 24:00"],
    [],
  ]);
});
