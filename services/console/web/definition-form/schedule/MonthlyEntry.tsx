import { Group, Select, Stack, Text } from "@mantine/core";
import { errorsOf, type Part, setField } from "../fields/Part";
import { valueAt } from "../json";
import { dayText, type MonthDay, monthDayOf, WEEKDAYS, WHICH } from "./at";
import { TimeEntry } from "./TimeEntry";

const FIELD = "at.monthly.day";
const BY = { number: "On a day", last: "On the last day", weekday: "On a weekday" } satisfies Record<
  MonthDay["by"],
  string
>;
const NUMBERS = Array.from({ length: 31 }, (_, index) => String(index + 1));
/** The last day that every month has. */
const EVERY_MONTH_HAS = 28;

/** A day of every month. */
export function MonthlyEntry({ part }: { part: Part }) {
  const day = monthDayOf(valueAt(part.value, FIELD));
  const set = (changed: Partial<MonthDay>) => setField(part, FIELD, dayText({ ...day, ...changed }));
  return (
    <Stack gap="sm">
      <Group gap="sm" align="flex-start">
        <Select
          label="Day of the month"
          data={optionsOf(BY)}
          value={day.by}
          allowDeselect={false}
          onChange={(by) => set({ by: by === "last" || by === "weekday" ? by : "number" })}
          error={errorsOf(part, FIELD)}
          data-field={part.at + FIELD}
          w={190}
        />
        {day.by === "number" ? (
          <Select
            label="Number"
            data={NUMBERS}
            value={String(day.number)}
            allowDeselect={false}
            onChange={(number) => set({ number: Number(number) })}
            w={100}
          />
        ) : null}
        {day.by === "weekday" ? (
          <>
            <Select
              label="Which"
              data={optionsOf(WHICH)}
              value={day.which}
              allowDeselect={false}
              onChange={(which) => which !== null && set({ which })}
              w={120}
            />
            <Select
              label="Weekday"
              data={optionsOf(WEEKDAYS)}
              value={day.weekday}
              allowDeselect={false}
              onChange={(weekday) => weekday !== null && set({ weekday })}
              w={150}
            />
          </>
        ) : null}
      </Group>
      {day.by === "number" && day.number > EVERY_MONTH_HAS ? (
        <Text size="sm">Months without a day {day.number} are passed over; the last day is one of each.</Text>
      ) : null}
      <TimeEntry part={part} name="at.monthly.time" label="Time" />
    </Stack>
  );
}

function optionsOf<Key extends string>(labels: Readonly<Record<Key, string>>): { value: Key; label: string }[] {
  return (Object.keys(labels) as Key[]).map((value) => ({ value, label: labels[value] }));
}
