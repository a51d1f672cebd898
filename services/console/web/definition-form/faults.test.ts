import { expect, test } from "vitest";
import { errorAt, faultsOf, faultsWithin, placed, shownFaults, unplaced } from "./faults";
import type { JsonObject } from "./json";

const faults = faultsOf(
  [
    { field: "name", message: "is required", fixes: [] },
    { field: "steps.1.command", message: "line 2, column 7: {{ x }} cannot stand here", fixes: [] },
    { field: "steps.1.retries.count", message: "has to be at most 20", fixes: [] },
    { field: "steps.1", message: "takes provider or providers, not both", fixes: [] },
    { field: "steps.10.name", message: "is required", fixes: [] },
    { field: "later", message: "unknown field", fixes: [] },
  ],
  [{ field: "steps.1.command", message: "line 1, column 1: echo of sh" }],
);

test("what is said of a field stands at it, and not at one that begins alike", () => {
  expect(errorAt(faults, "steps.1.retries")).toBe("has to be at most 20");
  expect(errorAt(faults, "steps.1.retries.delay")).toBeNull();
  expect(faultsWithin(faults, "steps.1").map(({ field }) => field)).toEqual([
    "steps.1.command",
    "steps.1.retries.count",
    "steps.1",
    "steps.1.command",
  ]);
  expect(errorAt(faults, "steps.1.command")).toBe("line 2, column 7: {{ x }} cannot stand here");
});

test("what no field shows is told by itself", () => {
  expect(unplaced(faultsWithin(faults, "steps.1"), "steps.1.", ["command", "retries"])).toMatchObject([
    { field: "steps.1" },
  ]);
  expect(unplaced(faults, "", ["name", "steps"])).toMatchObject([{ field: "later" }]);
  const warned = faultsOf([], [{ field: "category", message: "did you mean 'Recovery'?" }]);
  expect(unplaced(warned, "", ["category"])).toEqual(warned);
});

test("what nobody has begun is no fault until they want to save", () => {
  const definition: JsonObject = { name: "", later: 1, steps: [{}, { command: "x", retries: { count: 30 } }] };
  expect(shownFaults(faults, definition, false).map(({ field }) => field)).toEqual([
    "steps.1.command",
    "steps.1.retries.count",
    "steps.1",
    "later",
    "steps.1.command",
  ]);
  expect(shownFaults(faults, definition, true)).toEqual(faults);
  const labels = faultsOf([{ field: "steps.0.providers", message: "name one label", fixes: [] }]);
  expect(shownFaults(labels, { steps: [{ providers: { labels: {} } }] }, false)).toEqual([]);
  const variable = faultsOf([{ field: "steps.0.environment.1X", message: "begins with no digit", fixes: [] }]);
  expect(shownFaults(variable, { steps: [{ environment: {} }] }, false)).toEqual(variable);
});

test("a message that has a place is told apart from it", () => {
  expect(placed("line 12, column 3: no: such name")).toEqual({ place: { line: 12, column: 3 }, text: "no: such name" });
  expect(placed("is in line 1, column 2: no")).toEqual({ place: null, text: "is in line 1, column 2: no" });
});
