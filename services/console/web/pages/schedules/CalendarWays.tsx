import { Group, Select } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { ButtonLink } from "../../ui/links";
import { type Day, type Period, periodAfter } from "./calendarDays";

interface CalendarWaysProps {
  period: Period;
  day: Day;
  timeZone: string;
}

const ZONES = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

/** On to other days, to months or weeks, and to another zone's clocks; all of it stands in the address. */
export function CalendarWays({ period, day, timeZone }: CalendarWaysProps) {
  const navigate = useNavigate();
  const other = period === "month" ? "week" : "month";
  const go = (count: number) => ({
    to: "/schedules" as const,
    search: (known: object) => ({ ...known, show: "calendar" as const, day: periodAfter(period, day, count) }),
    replace: true,
    resetScroll: false,
  });
  return (
    <Group gap="xs">
      <Select
        aria-label="Time zone"
        data={ZONES.includes(timeZone) ? ZONES : [timeZone, ...ZONES]}
        value={timeZone}
        onChange={(zone) =>
          void navigate({
            to: "/schedules",
            search: (known) => ({ ...known, show: "calendar", zone: zone ?? undefined }),
            replace: true,
            resetScroll: false,
          })
        }
        searchable
        allowDeselect={false}
        limit={100}
        w={190}
      />
      <ButtonLink
        to="/schedules"
        search={(known) => ({ ...known, show: "calendar", period: other === "week" ? "week" : undefined, day })}
        variant="default"
        resetScroll={false}
      >
        {other === "week" ? "By week" : "By month"}
      </ButtonLink>
      <Group gap="xs" wrap="nowrap">
        <ButtonLink {...go(-1)} variant="default" aria-label={`The ${period} before`} px="xs">
          <ChevronLeft size={16} aria-hidden />
        </ButtonLink>
        <ButtonLink
          to="/schedules"
          search={(known) => ({ ...known, show: "calendar", day: undefined })}
          variant="default"
          replace
          resetScroll={false}
        >
          Today
        </ButtonLink>
        <ButtonLink {...go(1)} variant="default" aria-label={`The ${period} after`} px="xs">
          <ChevronRight size={16} aria-hidden />
        </ButtonLink>
      </Group>
    </Group>
  );
}
