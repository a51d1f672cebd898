import { durationText } from "../../ui/time";
import type { RunStep } from "./states";

/** How long the command that runs may still take: `time-out in 9m 50s`. */
export function timeLeftText(step: RunStep, now: Date): string | null {
  const attempt = step.attempts.at(-1);
  if (step.state !== "running" || attempt?.state !== "running" || attempt.started_at === null) {
    return null;
  }
  const over = new Date(attempt.command_started_at ?? attempt.started_at).getTime() + attempt.timeout * 1000;
  const seconds = Math.round((over - now.getTime()) / 1000);
  return seconds > 0 ? `time-out in ${durationText(seconds)}` : "its time is over";
}
