import { expect, test } from "vitest";
import { endOf, offsetOf } from "./places";

test("a place is counted in characters, and in lines from 1", () => {
  const text = "echo 🙂 {{ a }}\nls {{ b }}";
  expect(text.slice(offsetOf(text, { line: 1, column: 8 }))).toMatch(/^\{\{ a/);
  expect(text.slice(offsetOf(text, { line: 2, column: 4 }))).toBe("{{ b }}");
});

test("a place beyond the end is the end", () => {
  expect(offsetOf("ab\nc", { line: 9, column: 1 })).toBe(4);
  expect(offsetOf("ab\nc", { line: 1, column: 99 })).toBe(2);
});

test("what begins at a place is a placeholder, a word or a character", () => {
  const text = "kill -{{ x }} $pid; é";
  expect(text.slice(6, endOf(text, 6))).toBe("{{ x }}");
  expect(text.slice(14, endOf(text, 14))).toBe("$pid");
  expect(text.slice(18, endOf(text, 18))).toBe(";");
  expect(endOf(text, text.length)).toBe(text.length);
});
