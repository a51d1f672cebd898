import { expect, test } from "vitest";
import { z } from "zod/mini";
import { aStorage } from "../testing/storage";
import { forgetAllTyped, keepTyped, readTyped, typedBy } from "./typed";

const FIELDS = z.object({ note: z.string() });

test("what was typed is found by whoever typed it, and by nobody else", () => {
  const there = aStorage();
  typedBy("ann", there);
  keepTyped("run a", { note: "why" }, 7, there);
  typedBy("ann", there);
  expect(readTyped("run a", FIELDS, there)).toEqual({ fields: { note: "why" }, at: 7 });
  expect(readTyped("run b", FIELDS, there)).toBeNull();
  typedBy("ben", there);
  expect(readTyped("run a", FIELDS, there)).toBeNull();
});

test("what was sent, or was of whoever has signed out, is not there any more", () => {
  const there = aStorage();
  there.setItem("another's", "x");
  typedBy("ann", there);
  keepTyped("run a", { note: "why" }, 7, there);
  keepTyped("run a", null, 8, there);
  expect(readTyped("run a", FIELDS, there)).toBeNull();
  keepTyped("run b", { note: "why" }, 9, there);
  forgetAllTyped(there);
  expect(Object.keys(there)).toEqual(["another's"]);
});

test.each(["", "{", "null", "[]", '["x",{"note":"a"}]', '[7,{"note":3}]'])("%s is nothing that was typed", (text) => {
  const there = aStorage();
  there.setItem("opsimate-typed run a", text);
  expect(readTyped("run a", FIELDS, there)).toBeNull();
});

test("a browser that has no room keeps nothing", () => {
  const full = aStorage(true);
  keepTyped("run a", { note: "why" }, 7, full);
  expect(readTyped("run a", FIELDS, full)).toBeNull();
});
