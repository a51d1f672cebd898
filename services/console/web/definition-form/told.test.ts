import { expect, test } from "vitest";
import { toldOf } from "./told";

test("of what was tried twice each thing is told once", () => {
  const planned = { kind: "action", name: "a", change: "refused" as const, version: null, file_set: "", diff: "" };
  const missing = { field: "name", message: "is required", fixes: [] };
  const wrong = { field: "tags", message: "has to be a list", fixes: [] };
  const warning = { field: "steps.0.command", message: "echo" };
  expect(
    toldOf([
      { ...planned, errors: [missing, wrong], warnings: [] },
      { ...planned, errors: [wrong], warnings: [warning] },
    ]),
  ).toEqual({ errors: [missing, wrong], warnings: [warning] });
});
