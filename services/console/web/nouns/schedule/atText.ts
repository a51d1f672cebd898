import type { Schemas } from "../../api/client";

/** When something comes, in words: `mon, thu at 02:30`. The command line says it in the same ones. */
export function atText(at: Schemas["FireAt"]): string {
  if (at.daily != null) {
    return `daily at ${at.daily}`;
  }
  if (at.weekly != null) {
    return `${at.weekly.days.join(", ")} at ${at.weekly.time}`;
  }
  if (at.monthly != null) {
    return `${at.monthly.day} of the month at ${at.monthly.time}`;
  }
  return at.cron != null ? `cron ${at.cron}` : "once";
}
