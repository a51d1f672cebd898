import { expect, test } from "vitest";
import { inNaturalOrder } from "./natural";

test("names are sorted as people count", () => {
  const names = ["web-10", "web-2", "db-1", "web-1", "web-2a"];
  expect(inNaturalOrder(names, (name) => name)).toEqual(["db-1", "web-1", "web-2", "web-2a", "web-10"]);
  expect(names[0]).toBe("web-10");
});
