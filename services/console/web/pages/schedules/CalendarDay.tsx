import { Button } from "@mantine/core";
import { useState } from "react";
import { TextLink } from "../../ui/links";
import { CalendarEntryLine } from "./CalendarEntryLine";
import type { Day, Period } from "./calendarDays";
import type { CalendarEntry } from "./calendarEntries";

interface CalendarDayProps {
  day: Day;
  /** Of which the day is shown as a part. */
  period: Period;
  entries: readonly CalendarEntry[];
}

/** Of one day at first: a month leads to the week for the rest, and a week shows it there once somebody asks for it. */
const MOST_OF_A_DAY = { month: 4, week: 40 } satisfies Record<Period, number>;

/** What comes on a day; of many the first, with the way to the rest. */
export function CalendarDay({ day, period, entries }: CalendarDayProps) {
  const [isWhole, setWhole] = useState(false);
  const most = MOST_OF_A_DAY[period];
  const shown = isWhole && period === "week" ? entries : entries.slice(0, most);
  const left = entries.length - shown.length;
  return (
    <>
      {shown.map((entry) => (
        <CalendarEntryLine key={`${entry.kind} ${entry.name} ${entry.text}`} entry={entry} />
      ))}
      {left === 0 ? null : period === "month" ? (
        <TextLink
          to="/schedules"
          search={(known) => ({ ...known, show: "calendar", period: "week", day })}
          size="xs"
          aria-label={`${left} more on ${day}, in its week`}
        >
          {left} more
        </TextLink>
      ) : (
        <Button variant="subtle" size="compact-xs" aria-label={`${left} more on ${day}`} onClick={() => setWhole(true)}>
          {left} more
        </Button>
      )}
    </>
  );
}
