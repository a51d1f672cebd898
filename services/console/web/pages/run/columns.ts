/** In pixels: no tile is narrower. */
const NARROWEST = 168;
/** What stands beside the name: the state's sign and the space around both. */
const BESIDE = 48;
/** A letter of a name, in the middle. */
const LETTER = 6.6;

/** How many tiles fit beside each other, in a width in pixels, with the longest name in sight; at least one. */
export function columnsFor(names: readonly string[], width: number): number {
  const longest = names.reduce((most, name) => Math.max(most, name.length), 0);
  return Math.max(1, Math.floor(width / Math.max(NARROWEST, longest * LETTER + BESIDE)));
}
