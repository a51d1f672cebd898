import { expect, test } from "vitest";
import { DraftKeeper, forgetAllDrafts } from "../nouns/definition/keptDrafts";
import { aStorage } from "../testing/storage";
import { keepable, keepableText } from "./keeping";

const NOW = Date.UTC(2026, 4, 1);
const draft = { definition: { name: "a" }, text: null, version: 3, at: NOW };

test("what somebody has written is kept for them and for this action, for a week", () => {
  const there = aStorage();
  const keeper = new DraftKeeper("ann", "a", there);
  expect(keeper.keep(draft)).toBe(true);
  expect(keeper.read(NOW + 6 * 86_400_000)).toEqual(draft);
  expect(keeper.read(NOW + 8 * 86_400_000)).toBeNull();
  expect(new DraftKeeper("ben", "a", there).read(NOW)).toBeNull();
  expect(new DraftKeeper("ann", "b", there).read(NOW)).toBeNull();
  keeper.forget();
  expect(keeper.read(NOW)).toBeNull();
});

test("whoever signs out leaves nothing, and what is another's stays", () => {
  const there = aStorage();
  there.setItem("opsimate-actions-view", "table");
  new DraftKeeper("ann", "a", there).keep(draft);
  forgetAllDrafts(there);
  expect(Object.keys(there)).toEqual(["opsimate-actions-view"]);
});

test("a browser that has no room is told of, and what is no draft is none", () => {
  expect(new DraftKeeper("ann", "a", aStorage(true)).keep(draft)).toBe(false);
  const there = aStorage();
  for (const text of ["{", "[]", "null", JSON.stringify({ ...draft, definition: [] }), JSON.stringify({ at: NOW })]) {
    there.setItem("opsimate-draft ann a", text);
    expect(new DraftKeeper("ann", "a", there).read(NOW)).toBeNull();
  }
});

test("what would stand in clear is not kept", () => {
  const token = { name: "token", type: "secret", required: true };
  const definition = {
    name: "a",
    parameters: [
      { name: "x", default: "shown" },
      { ...token, default: "hunter2" },
    ],
  };
  expect(keepable(definition)).toEqual({ name: "a", parameters: [{ name: "x", default: "shown" }, token] });
  expect(keepableText("parameters: [{type: secret, default: hunter2")).toBeNull();
  expect(keepableText("name: [")).toBe("name: [");
});
