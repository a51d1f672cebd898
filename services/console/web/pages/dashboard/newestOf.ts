import type { Run } from "../../nouns/run/states";

/** Of several lists of runs the newest ones, the newest first: ids grow with time. */
export function newestOf(lists: readonly (readonly Run[])[], most: number): Run[] {
  return lists
    .flat()
    .sort((one, other) => (one.id < other.id ? 1 : -1))
    .slice(0, most);
}
