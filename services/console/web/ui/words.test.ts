import { expect, test } from "vitest";
import { hasWords } from "./words";

test.each([
  ["", true],
  ["nginx", true],
  ["  RESTART web ", true],
  ["web restart nginx", true],
  ["restart mail", false],
])("of 'Restart nginx' and 'web' the query '%s' finds something: %s", (query, found) => {
  expect(hasWords(["Restart nginx", "web"], query)).toBe(found);
});
