import type { Schemas } from "../../api/client";
import { addDays, clockIn, type Day } from "./calendarDays";

type Calendar = Schemas["Calendar"];

/** What comes on a day: a schedule with its fire times, or a window with when it is open. */
export interface CalendarEntry {
  kind: "schedule" | "window";
  name: string;
  /** What is run, or what waits. */
  about: string;
  /** On the clocks of the zone: `02:30`, `24 times, 00:00 to 23:00`, `22:00 to 24:00`. */
  text: string;
  /** Whose own the schedule is. */
  owner: string | null;
}

const MOST_TIMES_NAMED = 3;
const MIDNIGHT = "00:00";
const END_OF_DAY = "24:00";

/** By their days what comes on each of these, in the order of its first time; windows first. */
export function entriesByDay(
  { schedules, windows }: Pick<Calendar, "schedules" | "windows">,
  days: readonly Day[],
  timeZone: string,
): ReadonlyMap<Day, CalendarEntry[]> {
  const clock = clockIn(timeZone);
  const found = new Map(days.map((day): [Day, [string, CalendarEntry][]] => [day, []]));
  for (const { name, action, owner, fire_times } of schedules) {
    for (const [day, times] of timesByDay(fire_times, clock)) {
      const about = action;
      const entry: CalendarEntry = {
        kind: "schedule",
        name,
        about,
        owner: owner?.name ?? null,
        text: timesText(times),
      };
      found.get(day)?.push([`1${times[0]}`, entry]);
    }
  }
  for (const { name, holds, times } of windows) {
    for (const { from, until } of times) {
      const [begin, end] = [clock(from), clock(until)];
      for (const day of days) {
        if (begin.day <= day && (day < end.day || (day === end.day && end.time > MIDNIGHT))) {
          const starts = begin.day === day ? begin.time : MIDNIGHT;
          const text = `${starts} to ${end.day === day ? end.time : END_OF_DAY}`;
          found.get(day)?.push([`0${starts}`, { kind: "window", name, about: holds.join(", "), owner: null, text }]);
        }
      }
    }
  }
  return new Map(
    [...found].map(([day, entries]) => [
      day,
      entries.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)).map(([, entry]) => entry),
    ]),
  );
}

function timesByDay(instants: readonly string[], clock: ReturnType<typeof clockIn>): Map<Day, string[]> {
  const found = new Map<Day, string[]>();
  for (const instant of instants) {
    const { day, time } = clock(instant);
    const times = found.get(day);
    if (times === undefined) {
      found.set(day, [time]);
    } else {
      times.push(time);
    }
  }
  return found;
}

function timesText(times: readonly string[]): string {
  return times.length > MOST_TIMES_NAMED ? `${times.length} times, ${times[0]} to ${times.at(-1)}` : times.join(", ");
}

/** The time that has to be asked for, so that all of these days is there in whatever zone they are meant. */
export function askedFor(days: readonly Day[]): { from: string; until: string } {
  const first = days[0] ?? "";
  const last = days.at(-1) ?? first;
  return { from: `${addDays(first, -1)}T00:00:00Z`, until: `${addDays(last, 2)}T00:00:00Z` };
}
