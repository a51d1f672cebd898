import { expect, test } from "vitest";
import { inGroups } from "./groups";

test("templates stand in their groups, in the order in which they come", () => {
  const [a, b, c] = [
    { name: "a", group: "Second" },
    { name: "b", group: "First" },
    { name: "c", group: "Second" },
  ];
  expect(inGroups([a, b, c])).toEqual([
    { group: "Second", items: [a, c] },
    { group: "First", items: [b] },
  ]);
});
