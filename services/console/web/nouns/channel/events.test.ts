import { expect, test } from "vitest";
import { notifyText } from "./events";

test("whom an action tells is said with what of, also where that goes without saying", () => {
  expect(notifyText({ channel: "on-call", on: ["succeeded"] })).toBe("on-call of succeeded");
  expect(notifyText({ channel: "on-call", on: ["failed", "unknown", "awaiting_approval"] })).toBe(
    "on-call of failed, unknown, awaiting approval",
  );
});
