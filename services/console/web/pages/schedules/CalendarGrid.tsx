import { VisuallyHidden } from "@mantine/core";
import { TextLink } from "../../ui/links";
import classes from "./Calendar.module.css";
import { CalendarEntryLine } from "./CalendarEntryLine";
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

/** Of a day of a month, where many days stand beside each other; a week shows all. */
const MOST_OF_A_DAY = 4;

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
            {week.map((one) => {
              const all = entries.get(one) ?? [];
              const shown = period === "week" ? all : all.slice(0, MOST_OF_A_DAY);
              return (
                <td key={one} className={period === "week" || isSameMonth(one, day) ? undefined : classes.outside}>
                  <DayNumber day={one} today={today} />
                  {shown.map((entry) => (
                    <CalendarEntryLine key={`${entry.kind} ${entry.name} ${entry.text}`} entry={entry} />
                  ))}
                  {all.length > shown.length ? (
                    <TextLink
                      to="/schedules"
                      search={(known) => ({ ...known, show: "calendar", period: "week", day: one })}
                      size="xs"
                    >
                      {all.length - shown.length} more
                    </TextLink>
                  ) : null}
                </td>
              );
            })}
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
