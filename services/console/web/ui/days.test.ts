import { expect, test } from "vitest";
import { dayOf, endOf, isWholeDay, startOf } from "./days";

test.each(["2026-11-29", "1999-01-01", "0202-03-04"])("%s is the day of its own first and last instant", (day) => {
  expect(dayOf(startOf(day))).toBe(day);
  expect(dayOf(endOf(day))).toBe(day);
});

test("a year of which the first digits are typed is not meant", () => {
  expect(["0002-11-29", "0020-11-29", "0202-11-29", "2026-11-29"].map(isWholeDay)).toEqual([false, false, false, true]);
});
