import type { ImportPlan, PlannedDefinition } from "../../nouns/inventory/queries";

const WORDS = {
  created: "new",
  changed: "changed",
  unchanged: "as it is",
  deleted: "deleted",
  refused: "refused",
} satisfies Record<PlannedDefinition["change"], string>;

export function changeWord(change: PlannedDefinition["change"]): string {
  return WORDS[change];
}

/** What is to be stored: what is as it is already needs nothing. */
export function toStore({ changes }: Pick<ImportPlan, "changes">): ImportPlan["changes"] {
  return changes.filter(({ planned }) => planned.change === "created" || planned.change === "changed");
}

/** What a plan comes to: `12 new, 3 as they are`. */
export function countsText({ changes }: Pick<ImportPlan, "changes">): string {
  const counts = new Map<PlannedDefinition["change"], number>();
  for (const { planned } of changes) {
    counts.set(planned.change, (counts.get(planned.change) ?? 0) + 1);
  }
  return [...counts].map(([change, count]) => `${count} ${changeWord(change)}`).join(", ") || "Nothing";
}

/** Why a plan may not be applied as it stands; null where it may. */
export function refusalOf(plan: ImportPlan, leavesOut: boolean): string | null {
  if (plan.changes.some(({ planned }) => planned.change === "refused")) {
    return "Something of it is refused; the reason stands beside it.";
  }
  if (plan.complaints.length > 0 && !leavesOut) {
    return "Some machines cannot be imported. Mend the text, or leave them out.";
  }
  return toStore(plan).length === 0 ? "All of it is there already." : null;
}
