import { Chip, Group, Input, Stack } from "@mantine/core";
import { errorsOf, type Part, setField } from "../fields/Part";
import { textsAt } from "../json";
import { WEEKDAYS } from "./at";
import { TimeEntry } from "./TimeEntry";

const FIELD = "at.weekly.days";

/** Some days of every week. */
export function WeeklyEntry({ part }: { part: Part }) {
  const days = textsAt(part.value, FIELD);
  const choose = (chosen: string[]) =>
    setField(
      part,
      FIELD,
      Object.keys(WEEKDAYS).filter((day) => chosen.includes(day)),
    );
  return (
    <Stack gap="sm">
      <Input.Wrapper label="Days" labelElement="div" error={errorsOf(part, FIELD)} data-field={part.at + FIELD}>
        <Chip.Group multiple value={days} onChange={choose}>
          <Group gap={6} mt={4} role="group" aria-label="Days">
            {Object.entries(WEEKDAYS).map(([day, name]) => (
              <Chip key={day} value={day} size="sm" variant="outline">
                {name}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      </Input.Wrapper>
      <TimeEntry part={part} name="at.weekly.time" label="Time" />
    </Stack>
  );
}
