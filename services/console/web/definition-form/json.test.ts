import { expect, test } from "vitest";
import { isSameJson, type JsonObject, numberOf, textAt, textsAt, valueAt, withValue } from "./json";

const action: JsonObject = {
  name: "a",
  steps: [
    { name: "one", command: "true" },
    { name: "two", command: "true", retries: { count: 2 }, unknown: { stays: [1] } },
  ],
};

test("a field is found and changed, and all else stays the very same", () => {
  const changed = withValue(action, "steps.1.retries.delay", "5s");
  expect(valueAt(changed, "steps.1.retries")).toEqual({ count: 2, delay: "5s" });
  expect(valueAt(changed, "steps.0")).toBe(valueAt(action, "steps.0"));
  expect(valueAt(changed, "steps.1.unknown")).toBe(valueAt(action, "steps.1.unknown"));
  expect(textAt(action, "steps.1.retries.delay")).toBe("");
});

test("what is taken away takes with it what would be empty, but not what means something so", () => {
  expect(withValue(action, "steps.1.retries.count", undefined).steps).toEqual([
    valueAt(action, "steps.0"),
    { name: "two", command: "true", unknown: { stays: [1] } },
  ]);
  expect(withValue({ concurrency: { limit: 1 } }, "concurrency.limit", undefined)).toEqual({ concurrency: {} });
  expect(withValue({ run_as: { password: { secret: "x" } } }, "run_as.password.secret", undefined)).toEqual({});
});

test("a name that every object has is no field", () => {
  expect(valueAt({}, "constructor")).toBeUndefined();
});

test("an input shows numbers and truth values as their texts", () => {
  expect([textAt({ a: 5 }, "a"), textAt({ a: false }, "a"), textAt({ a: [1] }, "a")]).toEqual(["5", "false", ""]);
  expect(textsAt({ codes: [0, "2", null] }, "codes")).toEqual(["0", "2", "null"]);
});

test("a number is one where it is written so, and else the text that the server refuses", () => {
  expect(["5", " 2.5 ", "-3", "", "1.10", "9007199254740993", "Infinity", "much"].map(numberOf)).toEqual([
    5,
    2.5,
    -3,
    undefined,
    "1.10",
    "9007199254740993",
    "Infinity",
    "much",
  ]);
});

test("the same is the same in whatever order it is written", () => {
  expect(isSameJson({ a: [1, { b: 2, c: null }], d: "x" }, { d: "x", a: [1, { c: null, b: 2 }] })).toBe(true);
  expect(isSameJson({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
  expect(isSameJson({ a: 1 }, { b: 1 })).toBe(false);
  expect(isSameJson({ a: {} }, { a: [] })).toBe(false);
});
