import type { Bar } from "../../ui/DayBars";
import { durationText } from "../../ui/time";
import type { DayStatistics } from "./queries";

/** How many runs of a day succeeded, failed (or ended nobody knows how), and ended otherwise. */
export function outcomeBar({ day, outcomes }: DayStatistics): Bar {
  const succeeded = outcomes.succeeded ?? 0;
  const failed = (outcomes.failed ?? 0) + (outcomes.unknown ?? 0);
  const all = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  return { day, parts: [succeeded, failed, all - succeeded - failed] };
}

/** How long half of a day's runs took at most, and what is more until 95 of 100. */
export function durationBar({ day, duration: { p50, p95 } }: Pick<DayStatistics, "day" | "duration">): Bar {
  return { day, parts: p50 === null || p95 === null ? [0, 0] : [p50, Math.max(0, p95 - p50)] };
}

/** What a day's bar of outcomes says. */
export function outcomeText({ parts: [succeeded = 0, failed = 0, other = 0] }: Bar): string {
  if (succeeded + failed + other === 0) {
    return "no runs";
  }
  return [
    `${succeeded} succeeded`,
    failed === 0 ? "" : `${failed} failed`,
    other === 0 ? "" : `${other} ended otherwise`,
  ]
    .filter((part) => part !== "")
    .join(", ");
}

/** What a day's bar of durations says. */
export function durationBarText({ parts: [half = 0, more = 0] }: Bar): string {
  return half + more === 0
    ? "no runs"
    : `half took at most ${durationText(half)}, 95 of 100 at most ${durationText(half + more)}`;
}
