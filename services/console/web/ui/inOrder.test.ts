import { expect, test } from "vitest";
import { inOrder } from "./inOrder";

test("a text that would be shown in another order than it is run in tells what turns it", () => {
  expect(inOrder("rm -rf \u202egnp.cod\u202c # \u2066old\u2069")).toBe(
    "rm -rf <U+202E>gnp.cod<U+202C> # <U+2066>old<U+2069>",
  );
});

test("what is written from right to left stays as it is", () => {
  expect(inOrder("echo שלום \u200f")).toBe("echo שלום \u200f");
});
