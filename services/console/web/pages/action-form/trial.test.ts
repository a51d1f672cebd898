import { expect, test } from "vitest";
import type { JsonObject } from "../../definition-form/json";
import { triedDefinitions } from "./trial";

test("an action that lacks nothing is tried as it is", () => {
  const action = { name: "a", steps: [{ name: "s", command: "true" }] };
  expect(triedDefinitions(action)).toEqual([action]);
  expect(triedDefinitions(action)[0]).toBe(action);
});

test("one that is half written is also tried as if it were whole, under names that nobody has", () => {
  const action: JsonObject = {
    kind: "action",
    steps: [{ name: "step", command: "echo {{ x }}" }, {}, { name: "", command: "" }],
    parameters: [{ name: "x" }, { type: "integer" }],
  };
  expect(triedDefinitions(action)).toEqual([
    action,
    {
      kind: "action",
      name: "new-action",
      steps: [
        { name: "step", command: "echo {{ x }}" },
        { name: "step-2", command: ":" },
        { name: "step-3", command: ":" },
      ],
      parameters: [{ name: "x" }, { name: "parameter", type: "integer" }],
    },
  ]);
});
