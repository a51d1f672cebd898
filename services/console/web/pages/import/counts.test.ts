import { expect, test } from "vitest";
import type { ImportPlan, PlannedDefinition } from "../../nouns/inventory/queries";
import { countsText, refusalOf, toStore } from "./counts";

function planOf(...changes: PlannedDefinition["change"][]): ImportPlan {
  return {
    changes: changes.map((change, index) => ({
      definition: { kind: "provider", name: `web-${index}` },
      planned: {
        kind: "provider",
        name: `web-${index}`,
        change,
        version: null,
        file_set: "",
        diff: "",
        errors: [],
        warnings: [],
      },
    })),
    notes: [],
    complaints: [],
  };
}

test("a plan is told by numbers, and what is there already is not stored again", () => {
  const plan = planOf("created", "unchanged", "created", "changed");
  expect(countsText(plan)).toBe("2 new, 1 as it is, 1 changed");
  expect(toStore(plan).map(({ planned }) => planned.name)).toEqual(["web-0", "web-2", "web-3"]);
});

test.each([
  [planOf("created"), false, null],
  [planOf("created", "refused"), false, "Something of it is refused; the reason stands beside it."],
  [planOf("unchanged"), false, "All of it is there already."],
  [
    { ...planOf("created"), complaints: ["x"] },
    false,
    "Some machines cannot be imported. Mend the text, or leave them out.",
  ],
  [{ ...planOf("created"), complaints: ["x"] }, true, null],
])("a plan that may not be applied says why", (plan, leavesOut, refusal) => {
  expect(refusalOf(plan, leavesOut)).toBe(refusal);
});
