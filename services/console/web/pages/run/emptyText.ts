import { hasEnded, type Run, type RunStep } from "../../nouns/run/states";
import { exactText } from "../../ui/time";

/** That the output is deleted, where it is. */
export function deletedText({ output_deleted_at: at }: Run): string | null {
  return at == null ? null : `What was printed is deleted since ${exactText(new Date(at))}, because of its age.`;
}

/** Why there is no output to show. */
export function emptyText(run: Run, step: RunStep | undefined, isRead: boolean): string {
  if (!isRead) {
    return "The output is being read …";
  }
  const deleted = deletedText(run);
  if (deleted !== null) {
    return deleted;
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
