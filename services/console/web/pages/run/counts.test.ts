import { expect, test } from "vitest";
import { countsText } from "./counts";

test("what needs a look comes first, and what is none is left out", () => {
  expect(countsText({ succeeded: 95, failed: 2, running: 3, pending: 0 })).toBe("2 failed, 3 running, 95 succeeded");
});
