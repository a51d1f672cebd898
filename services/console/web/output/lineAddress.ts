/** The line that `#L1234` names, from 1; null where the fragment names none. */
export function lineOf(hash: string): number | null {
  const digits = /^#?L([1-9][0-9]{0,8})$/.exec(hash)?.[1];
  return digits === undefined ? null : Number(digits);
}
