/**
 * How long, in two units at most: `40ms`, `2.5s`, `48s`, `3m 20s`, `2h 5m`, `3d 4h`. The server's sentences and the
 * command line have the same (`shared/contracts/presentation.py`).
 */
export function durationText(seconds: number): string {
  const thousandths = Math.round(seconds * 1000);
  if (thousandths < 100) {
    return thousandths === 0 ? "0s" : `${thousandths}ms`;
  }
  const whole = Math.round(seconds);
  if (whole < 60) {
    return seconds < 9.95 ? `${seconds.toFixed(1)}s` : `${whole}s`;
  }
  if (whole < 3600) {
    return joined(Math.floor(whole / 60), "m", whole % 60, "s");
  }
  const minutes = Math.round(seconds / 60);
  if (minutes < 1440) {
    return joined(Math.floor(minutes / 60), "h", minutes % 60, "m");
  }
  const hours = Math.round(minutes / 60);
  return joined(Math.floor(hours / 24), "d", hours % 24, "h");
}

function joined(large: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${unit}` : `${large}${unit} ${small}${smallUnit}`;
}

/** Made once: to make one takes longer than all else of a row. */
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

const A_MONTH = 30 * 86_400;

/** Whether an instant is more than a month from now, so that `relativeText` says its date and not how far it is. */
export function isFar(instant: Date, now: Date): boolean {
  return Math.abs(now.getTime() - instant.getTime()) / 1000 > A_MONTH;
}

/** How far from now: `just now`, `5m ago`, `in 2h`; the date once it is more than a month. */
export function relativeText(instant: Date, now: Date): string {
  const seconds = (now.getTime() - instant.getTime()) / 1000;
  const away = Math.abs(seconds);
  if (away < 5) {
    return "just now";
  }
  if (isFar(instant, now)) {
    return DATE.format(instant);
  }
  const text = coarse(away);
  return seconds > 0 ? `${text} ago` : `in ${text}`;
}

function coarse(seconds: number): string {
  if (seconds < 60) {
    return `${Math.floor(seconds)}s`;
  }
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)}m`;
  }
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** The whole of an instant, with the zone that it is told in. */
export function exactText(instant: Date): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return `${instant.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" })} (${zone})`;
}

/** The time of day of an instant, to the second. */
export function timeText(instant: Date): string {
  return instant.toLocaleTimeString(undefined, { timeStyle: "medium" });
}

/** A day of the API, `2026-05-01`, as people say it. */
export function dayText(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString(undefined, {
    day: "numeric",
    month: "short",
    timeZone: "UTC",
  });
}
