export interface DiffLine {
  /** `gap`: what stands between is the same, and left out. */
  is: "same" | "removed" | "added" | "gap";
  text: string;
  /** Where in the text the part begins and ends that is another than in the line that this one replaces, or is replaced by. */
  changed: readonly [number, number] | null;
}

const SIGNS: Readonly<Record<string, DiffLine["is"]>> = { " ": "same", "-": "removed", "+": "added", "@": "gap" };
/** What a unified diff says first: what is compared with what. */
const HEAD = 2;

/** The lines of a unified diff; of a line that replaces another, what of it is changed. */
export function linesOf(diff: string): DiffLine[] {
  const lines = diff
    .split("\n")
    .slice(HEAD)
    .filter((line) => line !== "")
    .map((line): DiffLine => ({ is: SIGNS[line.charAt(0)] ?? "same", text: line.slice(1), changed: null }));
  const [first, ...rest] = lines;
  return withChanges(first?.is === "gap" ? rest : lines);
}

/** Of lines that are removed one after the other and followed by others that are added, each is the other's in its place. */
function withChanges(lines: DiffLine[]): DiffLine[] {
  const found = [...lines];
  for (let start = 0; start < lines.length; start += 1) {
    const removed = runOf(lines, start, "removed");
    const added = runOf(lines, start + removed, "added");
    for (let index = start; index < start + Math.min(removed, added); index += 1) {
      const [before, after] = [lines[index], lines[index + removed]];
      if (before !== undefined && after !== undefined) {
        const [inBefore, inAfter] = changedParts(before.text, after.text);
        found[index] = { ...before, changed: inBefore };
        found[index + removed] = { ...after, changed: inAfter };
      }
    }
    start += Math.max(0, removed + added - 1);
  }
  return found;
}

function runOf(lines: readonly DiffLine[], start: number, is: DiffLine["is"]): number {
  const end = lines.findIndex((line, index) => index >= start && line.is !== is);
  return (end === -1 ? lines.length : end) - start;
}

/** What lies between the beginning and the end that two texts have in common; nothing where that is less than half. */
function changedParts(before: string, after: string): [DiffLine["changed"], DiffLine["changed"]] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) {
    head += 1;
  }
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) {
    tail += 1;
  }
  const indent = before.length - before.trimStart().length;
  if (2 * (head + tail - indent) < shorter - indent) {
    return [null, null];
  }
  return [
    [head, before.length - tail],
    [head, after.length - tail],
  ];
}
