import { expect, test } from "vitest";
import { rateText } from "./rate";

test.each([
  [1, "100%"],
  [0.998, ">99%"],
  [0.98, "98%"],
  [0.004, "<1%"],
  [0, "0%"],
])("a rate of %d reads %s", (rate, text) => {
  expect(rateText(rate)).toBe(text);
});
