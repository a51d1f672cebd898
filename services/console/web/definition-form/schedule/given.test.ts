import { expect, test } from "vitest";
import type { Parameter } from "../../parameters/drafts";
import { aParameter } from "../../testing/builders";
import { givenOf, shownDrafts } from "./given";

const count: Parameter = aParameter({ name: "count", type: "integer", default: 10 });

test("what is typed is what the definition says, numbers as numbers, and an empty field is left to the action", () => {
  expect(givenOf(count, "20")).toBe(20);
  expect(givenOf(count, "2x")).toBe("2x");
  expect(givenOf(count, "")).toBeUndefined();
  const secret = aParameter({ name: "key", type: "secret" });
  expect(givenOf(secret, { by: "name", text: "api-key" })).toEqual({ secret: "api-key" });
});

test("whoever empties a field to type another value finds no default there, and what is taken back is not typed any more", () => {
  const typed = { count: "" };
  expect(shownDrafts([count], { stored: {}, typed, values: {} })).toEqual({ count: "" });
  expect(shownDrafts([count], { stored: { count: "30" }, typed, values: { count: 30 } })).toEqual({ count: "30" });
});
