import { expect, test } from "vitest";
import { aRun } from "../../testing/builders";
import { byAction, goneSince } from "./byAction";

test("runs are found by their action, and those that have ended by what is missing", () => {
  const one = aRun({ id: "1" });
  const two = aRun({ id: "2", action: { name: "other", version: 1, title: "" } });
  expect(byAction([one, two]).get("other")).toEqual([two]);
  expect(goneSince([one, two], [two])).toEqual([one]);
});
