import type { Run } from "../run/states";
import type { ListedAction } from "./queries";

type Told = Pick<ListedAction, "name" | "running" | "last_run">;

/**
 * The names of the actions whose list was read before it was told how a run ended. That takes a moment, and there are two
 * signs of it: more of their runs are counted as running than do run, or a run has ended later than the last one told.
 * `running` is null where not all that run are known.
 */
export function untold(
  actions: readonly Told[],
  running: ReadonlyMap<string, readonly Run[]> | null,
  newest: readonly Run[],
): string[] {
  const lastEnds = new Map<string, number>();
  for (const { action, ended_at: endedAt } of newest) {
    if (endedAt !== null) {
      lastEnds.set(action.name, Math.max(lastEnds.get(action.name) ?? 0, Date.parse(endedAt)));
    }
  }
  return actions
    .filter(({ name, running: counted, last_run: lastRun }) => {
      const countsTooMany = running !== null && counted > (running.get(name)?.length ?? 0);
      return countsTooMany || (lastEnds.get(name) ?? 0) > (lastRun === null ? 0 : Date.parse(lastRun.ended_at));
    })
    .map(({ name }) => name);
}
