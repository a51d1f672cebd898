import { Input, SegmentedControl, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { errorsOf, type Part, setField } from "../fields/Part";
import { TextEntry } from "../fields/TextEntry";
import { inWay, WAYS, type Way, wayOf } from "./at";
import { InstantEntry } from "./InstantEntry";
import { MonthlyEntry } from "./MonthlyEntry";
import { TimeEntry } from "./TimeEntry";
import { WeeklyEntry } from "./WeeklyEntry";

const FIELDS = {
  daily: (part) => <TimeEntry part={part} name="at.daily" label="Time" />,
  weekly: (part) => <WeeklyEntry part={part} />,
  monthly: (part) => <MonthlyEntry part={part} />,
  cron: (part) => (
    <TextEntry
      part={part}
      name="at.cron"
      label="Cron text"
      description="Minute, hour, day of the month, month, day of the week, such as 30 2 * * mon-fri"
      isCode
      isKeptEmpty
    />
  ),
  once: (part) => <InstantEntry part={part} name="at.once" label="At" isKeptEmpty />,
} satisfies Record<Way, (part: Part) => ReactNode>;

interface AtFieldsProps {
  part: Part;
  label: string;
  /** What comes once is said in another way. */
  recursOnly?: boolean;
}

/** When something comes: one of five ways to say it, with its fields. */
export function AtFields({ part, label, recursOnly = false }: AtFieldsProps) {
  const way = wayOf(part.value.at);
  const ways = Object.entries(WAYS)
    .filter(([value]) => value !== "once" || !recursOnly || way === "once")
    .map(([value, name]) => ({ value, label: name }));
  const change = (chosen: string) => {
    const next = Object.keys(WAYS).find((one): one is Way => one === chosen);
    if (next !== undefined && next !== way) {
      setField(part, "at", inWay(next, part.value.at, new Date()));
    }
  };
  return (
    <Stack gap="sm" data-field={`${part.at}at`}>
      <Input.Wrapper
        label={label}
        labelElement="div"
        labelProps={{ style: { display: "block" } }}
        error={way === null ? errorsOf(part, "at") : null}
      >
        <SegmentedControl
          aria-label={label}
          value={way ?? ""}
          onChange={change}
          data={ways}
          size="sm"
          mt={4}
          maw="100%"
          style={{ flexWrap: "wrap" }}
        />
      </Input.Wrapper>
      {way === null ? null : FIELDS[way](part)}
    </Stack>
  );
}
