import type { Run } from "../../nouns/run/states";

/** Those that came after the first of a list, which is its newest. */
export function newerThan(first: Pick<Run, "id"> | undefined, newest: readonly Run[]): Run[] {
  return newest.filter(({ id }) => first === undefined || id > first.id);
}

/** A list as it was read, its runs in their places as they are by now, as far as that is known. */
export function asOfNow(listed: readonly Run[], newest: readonly Run[]): Run[] {
  const known = new Map(newest.map((run) => [run.id, run]));
  return listed.map((run) => {
    const now = known.get(run.id);
    // What was read with the list may be the later of the two.
    return now === undefined || (run.ended_at !== null && now.ended_at === null) ? run : now;
  });
}
