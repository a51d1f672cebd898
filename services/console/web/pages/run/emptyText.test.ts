import { expect, test } from "vitest";
import { aRun } from "../../testing/builders";
import { emptyText } from "./emptyText";

test("output that is deleted is not taken for output that there never was", () => {
  const deleted = aRun({ output_deleted_at: "2026-06-01T12:00:00Z" });
  expect(emptyText(deleted, undefined, true)).toMatch(/^What was printed is deleted since .*2026.* because of its age/);
  expect(emptyText(deleted, undefined, false)).toBe("The output is being read …");
  expect(emptyText(aRun(), undefined, true)).toBe("It printed nothing.");
});
