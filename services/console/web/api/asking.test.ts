import { expect, test } from "vitest";
import { askAgain } from "./asking";
import { noAnswer, Problem } from "./problem";

const refused = new Problem({ status: 403, title: "", detail: "" });

test("what is away for a moment is asked for soon, and what is refused is not", () => {
  expect(askAgain()({ state: { error: null } })).toBe(false);
  expect(askAgain()({ state: { error: noAnswer() } })).toBe(3_000);
  expect(askAgain()({ state: { error: refused } })).toBe(false);
});

test("what is asked for again and again stays so, and waits for no server that is away", () => {
  expect(askAgain(30_000)({ state: { error: null } })).toBe(30_000);
  expect(askAgain(30_000)({ state: { error: noAnswer() } })).toBe(3_000);
  expect(askAgain(2_000)({ state: { error: noAnswer() } })).toBe(2_000);
});
