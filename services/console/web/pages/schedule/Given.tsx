import { Text } from "@mantine/core";
import type { Schedule } from "../../nouns/schedule/queries";
import { Section } from "../../ui/Section";
import { ValueTable } from "../../ui/ValueTable";

const MISFIRES = {
  run_once: "one run for all that were missed",
  run_all: "a run for each that was missed",
  skip: "no run for what was missed",
} satisfies Record<NonNullable<Schedule["misfire"]>, string>;

/** What it gives its action, and what becomes of what nobody noticed. */
export function Given({ schedule }: { schedule: Schedule }) {
  const given = schedule.parameters ?? {};
  return (
    <Section title="What it asks for">
      {Object.keys(given).length === 0 ? (
        <Text size="sm">No parameters: the action's defaults.</Text>
      ) : (
        <ValueTable label="Parameters" values={given} />
      )}
      <Text size="sm" mt="xs">
        Where no scheduler was there: {MISFIRES[schedule.misfire ?? "run_once"]}.
      </Text>
    </Section>
  );
}
