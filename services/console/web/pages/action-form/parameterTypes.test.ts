import { expect, test } from "vitest";
import { typeOf, withType } from "./parameterTypes";

test("a parameter of another type loses what means nothing for that, and nothing else", () => {
  const text = { name: "x", title: "X", default: "a", pattern: "[a-z]", required: true, later: 1 };
  expect(withType(text, "integer")).toEqual({ name: "x", title: "X", required: true, later: 1, type: "integer" });
  const whole = { name: "x", type: "integer", minimum: 1, maximum: 5, default: 2 };
  expect(withType(whole, "number")).toEqual({ name: "x", type: "number", minimum: 1, maximum: 5 });
});

test("a parameter that says no type, or none that there is, is a text", () => {
  expect([typeOf({}), typeOf({ type: "texts" }), typeOf({ type: "toString" })]).toEqual(["string", "string", "string"]);
  expect(typeOf({ type: "choice" })).toBe("choice");
});
