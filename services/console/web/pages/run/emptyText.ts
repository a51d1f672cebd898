import { hasEnded, type Run, type RunStep } from "../../nouns/run/states";

/** Why there is no output to show. */
export function emptyText(run: Run, step: RunStep | undefined, isRead: boolean): string {
  if (!isRead) {
    return "The output is being read …";
  }
  const state = step?.state ?? run.state;
  if (state === "skipped") {
    return "It was not run, so it printed nothing.";
  }
  if (hasEnded(run.state) || step?.ended_at != null) {
    return "It printed nothing.";
  }
  return state === "running" ? "Nothing was printed yet." : "It has not begun.";
}
