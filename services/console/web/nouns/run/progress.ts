import { durationText } from "../../ui/time";
import type { Run } from "./states";

/** What is shown of a run that has begun: a bar of nothing would not be seen. */
const LEAST = 2;
/** What is shown of a run before it has ended although its usual time is over. */
const MOST_BY_TIME = 95;

type Timed = Pick<Run, "progress" | "started_at" | "estimated_duration">;

/** How far a run has probably come, in percent: by its steps, or by its usual time where that says more. */
export function percentOf(run: Timed, now: Date): number {
  const seconds = secondsOf(run, now);
  const usual = run.estimated_duration ?? 0;
  const byTime = usual > 0 ? Math.min((100 * seconds) / usual, MOST_BY_TIME) : 0;
  return Math.round(Math.max(run.progress.percent, byTime, LEAST));
}

/** What a run does now, and how long it usually takes: `step 2 of 3, verify · 20s, usually 48s`. */
export function progressText(run: Timed, now: Date): string {
  const { done, total, current_step } = run.progress;
  const step =
    current_step === null
      ? `${done} of ${total} steps`
      : `step ${Math.min(done + 1, total)} of ${total}, ${current_step}`;
  if (run.started_at === null) {
    return step;
  }
  const taken = durationText(secondsOf(run, now));
  const usual = run.estimated_duration ?? 0;
  return usual > 0 ? `${step} · ${taken}, usually ${durationText(usual)}` : `${step} · ${taken}`;
}

function secondsOf({ started_at }: Timed, now: Date): number {
  return started_at === null ? 0 : Math.max(0, (now.getTime() - new Date(started_at).getTime()) / 1000);
}
