/** An instant on the clocks of a zone, with what they are ahead of UTC by: `Mon, 30 Nov 2026, 02:30 GMT+1`. */
export function clockText(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone,
    timeZoneName: "shortOffset",
  }).format(new Date(instant));
}
