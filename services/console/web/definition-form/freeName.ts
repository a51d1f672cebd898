/** The name itself, or with the lowest number behind it that nobody has yet. */
export function freeName(name: string, taken: readonly string[], joint: string): string {
  const root = name.replace(/[-_]?\d+$/, "");
  for (let number = 1; ; number += 1) {
    const free = number === 1 ? root : `${root}${joint}${number}`;
    if (!taken.includes(free)) {
      return free;
    }
  }
}
