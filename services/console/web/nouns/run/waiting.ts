import { exactText } from "../../ui/time";
import type { Run } from "./states";

/** What a run waits for, an instant in it as the clock on the wall has it. */
export function waitingText(waiting: Run["waiting_for"]): string {
  if (waiting === null) {
    return "";
  }
  const { why, until } = waiting;
  return until == null ? why : why.replace(until, exactText(new Date(until)));
}
