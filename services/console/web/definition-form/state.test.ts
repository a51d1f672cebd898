import { expect, test } from "vitest";
import type { JsonObject } from "./json";
import { type Change, changed, formRefusal, stateOf } from "./state";

const action: JsonObject = {
  kind: "action",
  name: "a",
  later: { field: 1 },
  steps: [
    { name: "one", command: "1" },
    { name: "two", command: "2", unheard: ["of"] },
    { name: "three", command: "3" },
  ],
};
const after = (...changes: Change[]) => changes.reduce(changed, stateOf("action", action));
const names = (state: ReturnType<typeof after>) =>
  (state.definition.steps as { name: string }[]).map(({ name }) => name);

test("a step that is moved takes what nobody knows, and its id, with it", () => {
  const state = after({ do: "move", list: "steps", from: 1, to: 0 });
  expect(names(state)).toEqual(["two", "one", "three"]);
  expect(state.definition.steps).toContainEqual({ name: "two", command: "2", unheard: ["of"] });
  expect(state.definition.later).toEqual({ field: 1 });
  const [one, two, three] = after().ids.steps;
  expect([one, two, three].every((id) => id !== undefined)).toBe(true);
  expect(new Set(state.ids.steps).size).toBe(3);
});

test("a move beyond an end changes nothing", () => {
  expect(names(after({ do: "move", list: "steps", from: 0, to: -1 }))).toEqual(["one", "two", "three"]);
  expect(names(after({ do: "move", list: "steps", from: 2, to: 3 }))).toEqual(["one", "two", "three"]);
});

test("what was taken away is put back where it was, with its id", () => {
  const gone = after({ do: "remove", list: "steps", index: 1 });
  expect(names(gone)).toEqual(["one", "three"]);
  const back = changed(gone, { do: "restore" });
  expect(names(back)).toEqual(["one", "two", "three"]);
  expect(back.ids.steps[1]).toBe(gone.removed?.id);
  expect(changed(back, { do: "restore" })).toBe(back);
});

test("the last step that goes leaves an empty list, the last parameter none", () => {
  const parameter: Change = { do: "insert", list: "parameters", index: 0, item: { name: "x" } };
  const without = after(parameter, { do: "remove", list: "parameters", index: 0 });
  expect(without.definition).toEqual(action);
  const noSteps = [0, 0, 0].map((index): Change => ({ do: "remove", list: "steps", index }));
  expect(after(...noSteps).definition.steps).toEqual([]);
});

test("a new step runs where the one before it does, and a copy has a name of its own", () => {
  const providers = { group: "web" };
  const first: Change = { do: "set", field: "steps.2.providers", value: providers };
  const state = after(first, { do: "add", list: "steps" }, { do: "duplicate", list: "steps", index: 1 });
  expect(state.definition.steps).toEqual([
    { name: "one", command: "1" },
    { name: "two", command: "2", unheard: ["of"] },
    { name: "two-2", command: "2", unheard: ["of"] },
    { name: "three", command: "3", providers },
    { name: "step", providers },
  ]);
});

test("a text is the definition as far as it can be read", () => {
  const written = after({ do: "write", text: "name: b\nsteps: [{name: x, command: y, retries: 2}]" });
  expect(written.definition).toEqual({ name: "b", steps: [{ name: "x", command: "y", retries: 2 }] });
  const broken = changed(written, { do: "write", text: "name: [" });
  expect(broken.definition).toBe(written.definition);
  expect(formRefusal(broken, ["steps", "parameters"])).toContain("cannot be read");
  const form = changed(written, { do: "write", text: null });
  expect(form).toMatchObject({ text: null, definition: { steps: [{ retries: { count: 2 } }] } });
});

test("a form shows lists of entries only", () => {
  expect(formRefusal(stateOf("action", action), ["steps", "parameters"])).toBeNull();
  expect(formRefusal(stateOf("action", { steps: { a: 1 } }), ["steps", "parameters"])).toContain("steps");
  expect(formRefusal(stateOf("action", { parameters: ["x"] }), ["steps", "parameters"])).toContain("parameters");
});
