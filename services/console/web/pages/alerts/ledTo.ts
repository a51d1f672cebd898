import type { Episode } from "../../nouns/alert/queries";

const REFUSED: ReadonlySet<Episode["decisions"][number]["decision"]> = new Set([
  "parameters_refused",
  "action_missing",
  "condition_failed",
]);

/** What came of an alert in a few words: `2 runs, 1 refused`. */
export function ledTo({ runs, decisions }: Pick<Episode, "runs" | "decisions">): string {
  const refused = decisions.filter(({ decision }) => REFUSED.has(decision)).length;
  const count = runs.length === 0 ? "no run" : runs.length === 1 ? "1 run" : `${runs.length} runs`;
  return refused === 0 ? count : `${count}, ${refused} refused`;
}
