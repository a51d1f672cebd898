/** Where something is in a text, as the server counts: both from 1, columns in characters and not in UTF-16. */
export interface Place {
  line: number;
  column: number;
}

/** How far into a text a place is, as JavaScript counts; the nearest there is for one beyond its end. */
export function offsetOf(text: string, { line, column }: Place): number {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((length, each) => length + each.length + 1, 0);
  const shown = lines[line - 1];
  if (shown === undefined) {
    return text.length;
  }
  return (
    before +
    Array.from(shown)
      .slice(0, column - 1)
      .join("").length
  );
}

/** Where what begins there ends: a placeholder, a word, or the one character. */
export function endOf(text: string, offset: number): number {
  const found = /^(?:\{\{[^{}\n]*\}\}|[\w.$-]+|[^\n])/u.exec(text.slice(offset, offset + 200));
  return offset + (found?.[0].length ?? 0);
}
