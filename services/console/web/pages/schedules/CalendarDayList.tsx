import { Text } from "@mantine/core";
import classes from "./Calendar.module.css";
import { CalendarDay } from "./CalendarDay";
import type { CalendarProps } from "./CalendarGrid";
import { dayText, isSameMonth } from "./calendarDays";

/** On a phone: the days of the period on which something comes, one below the other. */
export function CalendarDayList({ label, period, day, today, weeks, entries }: CalendarProps) {
  const days = weeks
    .flat()
    .filter((one) => (period === "week" || isSameMonth(one, day)) && (entries.get(one)?.length ?? 0) > 0);
  return (
    <ul className={classes.days} aria-label={label}>
      {days.map((one) => (
        <li key={one}>
          <Text size="sm" fw={600} mb={4}>
            <time dateTime={one}>{dayText(one, { weekday: "long", day: "numeric", month: "long" })}</time>
            {one === today ? ", today" : ""}
          </Text>
          <CalendarDay day={one} period={period} entries={entries.get(one) ?? []} />
        </li>
      ))}
    </ul>
  );
}
