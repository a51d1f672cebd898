/** How browsers call an offset from UTC, which they write as `GMT+1`, and none at all as `GMT+0`, `GMT` or `UTC`. */
const OFFSET = /GMT(?:[+-]0$)?/;

/** An instant on the clocks of a zone, with what they are ahead of UTC by: `Mon, 30 Nov 2026, 02:30 UTC+1`. */
export function clockText(instant: string, timeZone: string): string {
  const text = new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone,
    timeZoneName: "shortOffset",
  }).format(new Date(instant));
  return text.replace(OFFSET, "UTC");
}
