import { expect, test } from "vitest";
import { columnsFor } from "./columns";

test("short names stand beside each other", () => {
  expect(columnsFor(["web-1", "web-2"], 900)).toBe(5);
});

test("long names have the room that they need", () => {
  expect(columnsFor(["web-1", "payments-worker-frankfurt-rack00-001"], 900)).toBe(3);
});

test("there is a column where nothing fits, and before the width is known", () => {
  expect(columnsFor(["payments-worker-frankfurt-rack00-001"], 200)).toBe(1);
  expect(columnsFor([], 0)).toBe(1);
});
