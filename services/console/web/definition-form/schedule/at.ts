import { localText } from "../../ui/localInstant";
import { isObject, type Json, type JsonObject, textAt } from "../json";

export const WAYS = { daily: "Daily", weekly: "Weekly", monthly: "Monthly", cron: "Cron", once: "Once" } as const;
export type Way = keyof typeof WAYS;

export const WEEKDAYS = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
} as const;
export type Weekday = keyof typeof WEEKDAYS;

/** Which of the weekdays of a month. */
export const WHICH = { "1st": "First", "2nd": "Second", "3rd": "Third", "4th": "Fourth", "5th": "Fifth", last: "Last" };

const USUAL_TIME = "02:30";
const A_DAY = 86_400_000;

/** In which way it is said when something comes; null where a text says none of them, or several. */
export function wayOf(at: Json | undefined): Way | null {
  const [way, ...others] = isObject(at) ? Object.keys(at).filter((one) => at[one] !== null) : [];
  return others.length === 0 ? (keysOf(WAYS).find((one) => one === way) ?? null) : null;
}

/** The same said in another way, with its time of day, where there is one. */
export function inWay(way: Way, at: Json | undefined, now: Date): JsonObject {
  const time = timeOf(at);
  switch (way) {
    case "daily":
      return { daily: time };
    case "weekly":
      return { weekly: { days: ["mon"], time } };
    case "monthly":
      return { monthly: { day: 1, time } };
    case "cron":
      return { cron: `${Number(time.slice(3))} ${Number(time.slice(0, 2))} * * *` };
    case "once": {
      const day = localText(new Date(now.getTime() + A_DAY)).slice(0, 10);
      return { once: new Date(`${day}T${time}`).toISOString() };
    }
  }
}

function timeOf(at: Json | undefined): string {
  const time = textAt(at, "daily") || textAt(at, "weekly.time") || textAt(at, "monthly.time");
  return /^\d\d:\d\d$/.test(time) ? time : USUAL_TIME;
}

/** A day of every month: by its number, the last one, or one of its weekdays. */
export interface MonthDay {
  by: "number" | "last" | "weekday";
  number: number;
  which: keyof typeof WHICH;
  weekday: Weekday;
}

export function monthDayOf(day: Json | undefined): MonthDay {
  const found: MonthDay = { by: "number", number: 1, which: "1st", weekday: "mon" };
  const [first = "", second = ""] = String(day ?? "")
    .toLowerCase()
    .trim()
    .split(/\s+/);
  const which = keysOf(WHICH).find((one) => one === first);
  const weekday = keysOf(WEEKDAYS).find((one) => one === second);
  if (which !== undefined && weekday !== undefined) {
    return { ...found, by: "weekday", which, weekday };
  }
  if (first === "last" && second === "") {
    return { ...found, by: "last" };
  }
  return { ...found, number: Number(first) || 1 };
}

/** As a definition has it: `31`, `last`, `2nd tue`. */
export function dayText({ by, number, which, weekday }: MonthDay): number | string {
  return by === "number" ? number : by === "last" ? "last" : `${which} ${weekday}`;
}

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(record) as Key[];
}
