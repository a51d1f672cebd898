import { NOTHING } from "../../nouns/definition/changes";

/** Which two versions an address names. */
export interface Chosen {
  version?: number | undefined;
  against?: number | undefined;
}

/** The two that are compared: the newest where none is named, with the one before. */
export function comparedOf({ version, against }: Chosen, newest: number): { version: number; against: number } {
  const shown = version ?? newest;
  return { version: shown, against: against ?? Math.max(NOTHING, shown - 1) };
}
