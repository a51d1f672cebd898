import type { Shown } from "./shown";
import type { OutputStore } from "./store";

const WORDS = /\b(?:error|errors?:|fatal|failed|failure|exception|traceback|panic|denied|refused|cannot|not found)\b/i;

/**
 * The row at which a failure probably begins: the first line that says so in words; where none does, the first on
 * standard error; where there is none, the last line. None where nothing is shown.
 */
export function firstError(store: OutputStore, shown: Shown): number | null {
  let onError: number | null = null;
  for (let row = 0; row < shown.places.length; row++) {
    const line = store.all[shown.places[row] ?? 0];
    if (line === undefined || line.source.stream === "marker") {
      continue;
    }
    if (WORDS.test(line.plain)) {
      return row;
    }
    if (line.source.stream === "stderr") {
      onError ??= row;
    }
  }
  return onError ?? (shown.places.length > 0 ? shown.places.length - 1 : null);
}
