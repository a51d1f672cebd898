import { Alert, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useMemo } from "react";
import { clockText } from "../../nouns/schedule/clockText";
import { type Calendar, calendarQuery } from "../../nouns/schedule/queries";
import { EmptyState } from "../../ui/EmptyState";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Reading } from "../../ui/Reading";
import { useNarrow } from "../../ui/useNarrow";
import { useNow } from "../../ui/useNow";
import { CalendarDayList } from "./CalendarDayList";
import { CalendarGrid } from "./CalendarGrid";
import { CalendarWays } from "./CalendarWays";
import { clockIn, type Day, type Period, periodText, weeksOf } from "./calendarDays";
import { askedFor, entriesByDay } from "./calendarEntries";

interface CalendarViewProps {
  period: Period;
  /** A day of the period; today where none is asked for. */
  day: Day | undefined;
  /** The zone on whose clocks all is told. */
  timeZone: string;
}

/** What comes by itself in a month or a week, and when nothing does. */
export function CalendarView({ period, day, timeZone }: CalendarViewProps) {
  const today = clockIn(timeZone)(useNow().toISOString()).day;
  const shown = day ?? today;
  const weeks = useMemo(() => weeksOf(period, shown), [period, shown]);
  const { from, until } = askedFor(weeks.flat());
  const { data, error, refetch } = useQuery(calendarQuery(from, until));
  const isNarrow = useNarrow();
  const entries = useMemo(
    () => (data === undefined ? null : entriesByDay(data, weeks.flat(), timeZone)),
    [data, weeks, timeZone],
  );
  const title = periodText(period, shown);
  const isEmpty = entries !== null && [...entries.values()].every((all) => all.length === 0);
  const view = entries === null ? null : { label: title, period, day: shown, today, weeks, entries };
  return (
    <Stack gap="sm">
      <Group justify="space-between" gap="sm">
        <Title order={2} size="h3">
          {title}
        </Title>
        <CalendarWays period={period} day={shown} timeZone={timeZone} />
      </Group>
      <Text size="sm" c="dimmed">
        On the clocks of {timeZone}, by the schedules and windows as they are now; what is not enabled is left out.
      </Text>
      {error === null ? null : <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {data === undefined ? null : <CutNote calendar={data} timeZone={timeZone} />}
      {entries === null && error === null ? <Reading height={420} label="The calendar is being read" /> : null}
      {isEmpty ? <EmptyState title="Nothing comes by itself then." /> : null}
      {view === null || (isNarrow && isEmpty) ? null : isNarrow ? (
        <CalendarDayList {...view} />
      ) : (
        <CalendarGrid {...view} />
      )}
    </Stack>
  );
}

/** That there is more than is shown, and of what. */
function CutNote({ calendar: { cut_at, schedules, windows }, timeZone }: { calendar: Calendar; timeZone: string }) {
  const cut = [...schedules, ...windows].filter((one) => one.cut_at != null);
  if (cut_at == null && cut.length === 0) {
    return null;
  }
  return (
    <Alert color="yellow" icon={<TriangleAlert />} title="There is more than stands here">
      {cut_at == null ? null : <div>All is left out from {clockText(cut_at, timeZone)} on.</div>}
      {cut.map(({ name, cut_at: at }) =>
        at == null ? null : (
          <div key={name}>
            {name} comes more than a thousand times: left out from {clockText(at, timeZone)} on.
          </div>
        ),
      )}
    </Alert>
  );
}
