import { expect, test } from "vitest";
import { instantOf, localText } from "./localInstant";

test("a date and time of a field is an instant, and the other way round", () => {
  const instant = new Date(2027, 0, 9, 7, 5);
  expect(localText(instant)).toBe("2027-01-09T07:05");
  expect(instantOf(localText(instant))).toBe(instant.toISOString());
});

test.each(["", "soon"])("%o is no instant", (text) => {
  expect(instantOf(text)).toBeUndefined();
});
