export const LAST_OUTCOMES = ["succeeded", "failed", "cancelled", "rejected", "expired", "skipped", "unknown"] as const;
export type LastOutcome = (typeof LAST_OUTCOMES)[number];

export const ACTION_SORTS = ["name", "-name", "-last_run", "last_run"] as const;
export type ActionSort = (typeof ACTION_SORTS)[number];

/** Which actions, in which order; by name where nothing is said. */
export interface ActionFilters {
  category?: string | undefined;
  tag?: string | undefined;
  text?: string | undefined;
  favourite?: boolean | undefined;
  last_outcome?: LastOutcome | undefined;
  sort?: ActionSort | undefined;
}

/** Whether some actions are left out, other than by the choice of one's favourites. */
export function leavesSomeOut({ category, tag, text, last_outcome }: ActionFilters): boolean {
  return [category, tag, text, last_outcome].some((filter) => filter !== undefined);
}

/** The same list with nothing left out of it: its tab and its order stay. */
export function withAll({ favourite, sort }: ActionFilters): ActionFilters {
  return { favourite, sort };
}
