import type { Run } from "./states";

/** Runs by the names of their actions, in the order in which they are given. */
export function byAction(runs: readonly Run[]): ReadonlyMap<string, Run[]> {
  const found = new Map<string, Run[]>();
  for (const run of runs) {
    const others = found.get(run.action.name);
    if (others === undefined) {
      found.set(run.action.name, [run]);
    } else {
      others.push(run);
    }
  }
  return found;
}

/** The runs that were there before and are no longer. */
export function goneSince(before: readonly Run[], now: readonly Run[]): Run[] {
  const there = new Set(now.map(({ id }) => id));
  return before.filter(({ id }) => !there.has(id));
}
