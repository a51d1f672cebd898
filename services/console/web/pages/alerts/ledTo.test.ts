import { expect, test } from "vitest";
import { aDecision } from "../../testing/builders";
import { ledTo } from "./ledTo";

test.each([
  [[], [], "no run"],
  [["1"], [aDecision()], "1 run"],
  [
    ["1", "2"],
    [aDecision({ decision: "parameters_refused" }), aDecision({ decision: "action_missing" })],
    "2 runs, 2 refused",
  ],
])("runs %j are told with what was refused", (runs, decisions, text) => {
  expect(ledTo({ runs, decisions })).toBe(text);
});
