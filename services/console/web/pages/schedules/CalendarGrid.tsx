import { VisuallyHidden } from "@mantine/core";
import classes from "./Calendar.module.css";
import { CalendarDay } from "./CalendarDay";
import { type Day, dayText, isSameMonth, type Period } from "./calendarDays";
import type { CalendarEntry } from "./calendarEntries";

export interface CalendarProps {
  label: string;
  period: Period;
  /** A day of the period that is shown. */
  day: Day;
  today: Day;
  weeks: readonly Day[][];
  entries: ReadonlyMap<Day, readonly CalendarEntry[]>;
}

/** Weeks as rows, from Monday on. */
export function CalendarGrid({ label, period, day, today, weeks, entries }: CalendarProps) {
  return (
    <table className={classes.month} aria-label={label} data-period={period}>
      <thead>
        <tr>
          {(weeks[0] ?? []).map((one) => (
            <th key={one} scope="col">
              {dayText(one, { weekday: "short" })}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((one) => (
              <td key={one} className={period === "week" || isSameMonth(one, day) ? undefined : classes.outside}>
                <DayNumber day={one} today={today} />
                <CalendarDay day={one} period={period} entries={entries.get(one) ?? []} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function DayNumber({ day, today }: { day: Day; today: Day }) {
  return (
    <div>
      <time dateTime={day} className={`${classes.number} ${day === today ? classes.today : ""}`}>
        {Number(day.slice(8))}
      </time>
      {day === today ? <VisuallyHidden>today</VisuallyHidden> : null}
    </div>
  );
}
