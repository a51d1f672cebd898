/** Whether all the words of a query are in one of the texts, in any case. */
export function hasWords(texts: readonly string[], query: string): boolean {
  const all = texts.join("\n").toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
