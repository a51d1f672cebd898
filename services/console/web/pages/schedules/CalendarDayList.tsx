import { Text } from "@mantine/core";
import { useState } from "react";
import { UnfoldButton } from "../../ui/UnfoldButton";
import classes from "./Calendar.module.css";
import { CalendarDay } from "./CalendarDay";
import type { CalendarProps } from "./CalendarGrid";
import { dayText, isSameMonth } from "./calendarDays";

/** On a phone: the days of the period on which something comes, one below the other; those that are over behind a button. */
export function CalendarDayList({ label, period, day, today, weeks, entries }: CalendarProps) {
  const days = weeks
    .flat()
    .filter((one) => (period === "week" || isSameMonth(one, day)) && (entries.get(one)?.length ?? 0) > 0);
  const [showsAll, setShowsAll] = useState(false);
  const isNow = period === "week" ? weeks.flat().includes(today) : isSameMonth(today, day);
  const over = isNow ? days.filter((one) => one < today) : [];
  return (
    <>
      {over.length === 0 ? null : (
        <UnfoldButton isOpen={showsAll} onToggle={() => setShowsAll(!showsAll)}>
          {over.length === 1 ? "1 day that is over" : `${over.length} days that are over`}
        </UnfoldButton>
      )}
      <ul className={classes.days} aria-label={label}>
        {days.slice(showsAll ? 0 : over.length).map((one) => (
          <li key={one}>
            <Text size="sm" fw={600} mb={4}>
              <time dateTime={one}>{dayText(one, { weekday: "long", day: "numeric", month: "long" })}</time>
              {one === today ? ", today" : ""}
            </Text>
            <CalendarDay day={one} period={period} entries={entries.get(one) ?? []} />
          </li>
        ))}
      </ul>
    </>
  );
}
