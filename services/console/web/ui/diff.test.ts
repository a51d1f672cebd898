import { expect, test } from "vitest";
import { linesOf } from "./diff";

const HEAD = "--- action x, version 1\n+++ action x, version 2\n";

test("a unified diff is told line by line, without its head", () => {
  const diff = `${HEAD}@@ -1,3 +1,3 @@\n kind: action\n-- a\n++ b\n@@ -9 +9 @@\n end: 1\n`;
  expect(linesOf(diff).map(({ is, text }) => [is, text])).toEqual([
    ["same", "kind: action"],
    ["removed", "- a"],
    ["added", "+ b"],
    ["gap", "@ -9 +9 @@"],
    ["same", "end: 1"],
  ]);
});

test("what is the same has no lines", () => {
  expect(linesOf("")).toEqual([]);
});

test("a line that replaces another says what of it is changed", () => {
  const lines = linesOf(`${HEAD}@@ @@\n-command: sleep 10\n-timeout: 30s\n+command: sleep 15\n+timeout: 45s\n same\n`);
  const changed = lines.map(({ text, changed: part }) => part && text.slice(...part));
  expect(changed).toEqual(["0", "30", "5", "45", null]);
});

test("lines replace each other in their order, also where there are more of the ones than of the others", () => {
  const lines = linesOf(`${HEAD}@@ @@\n-timeout: 30s\n-- name: verify\n+timeout: 45s\n`);
  expect(lines.map(({ text, changed: part }) => part && text.slice(...part))).toEqual(["30", null, "45"]);
});

test.each([
  ["lines that have little in common", "-    command: |\n+    name: verify\n"],
  ["lines that have nothing in common", "-  abc\n+  xyz!\n"],
  ["lines that are only added", "+a: 1\n+b: 2\n"],
])("of %s no part stands out", (_, diff) => {
  expect(linesOf(`${HEAD}@@ @@\n${diff}`).every(({ changed }) => changed === null)).toBe(true);
});
