/** A day of a calendar, in no zone: `2026-12-01`. */
export type Day = string;

export type Period = "month" | "week";

const A_DAY = 86_400_000;
const OF_A_WEEK = 7;

function dateOf(day: Day): Date {
  return new Date(`${day}T00:00:00Z`);
}

function dayOf(date: Date): Day {
  return date.toISOString().slice(0, 10);
}

export function addDays(day: Day, count: number): Day {
  return dayOf(new Date(dateOf(day).getTime() + count * A_DAY));
}

/** The Monday of its week. */
export function mondayOf(day: Day): Day {
  return addDays(day, -((dateOf(day).getUTCDay() + OF_A_WEEK - 1) % OF_A_WEEK));
}

/** The first day of the month that lies so many months after that of a day. */
export function monthAfter(day: Day, count: number): Day {
  const date = dateOf(day);
  return dayOf(new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, 1)));
}

export function isSameMonth(one: Day, other: Day): boolean {
  return one.slice(0, 7) === other.slice(0, 7);
}

/** The whole weeks that show a period. */
export function weeksOf(period: Period, day: Day): Day[][] {
  const first = mondayOf(period === "week" ? day : monthAfter(day, 0));
  const after = period === "week" ? addDays(first, 1) : monthAfter(day, 1);
  const weeks: Day[][] = [];
  for (let monday = first; monday < after; monday = addDays(monday, OF_A_WEEK)) {
    weeks.push(Array.from({ length: OF_A_WEEK }, (_, index) => addDays(monday, index)));
  }
  return weeks;
}

/** A day in the period after, or before, that of a day. */
export function periodAfter(period: Period, day: Day, count: number): Day {
  return period === "week" ? addDays(mondayOf(day), count * OF_A_WEEK) : monthAfter(day, count);
}

/** As people call it: `December 2026`, `30 November to 6 December 2026`. */
export function periodText(period: Period, day: Day): string {
  if (period === "month") {
    return dayText(day, { month: "long", year: "numeric" });
  }
  const monday = mondayOf(day);
  const sunday = addDays(monday, OF_A_WEEK - 1);
  const long = { day: "numeric", month: "long" } as const;
  return `${dayText(monday, long)} to ${dayText(sunday, { ...long, year: "numeric" })}`;
}

export function dayText(day: Day, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(dateOf(day));
}

/** Tells of an instant the day and the time of day on the clocks of a zone. */
export function clockIn(timeZone: string): (instant: string) => { day: Day; time: string } {
  const format = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone });
  return (instant) => {
    const [day = "", time = ""] = format.format(new Date(instant)).split(" ");
    return { day, time };
  };
}
