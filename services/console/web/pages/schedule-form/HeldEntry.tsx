import { Checkbox, Group } from "@mantine/core";
import { errorsOf, type Part, setField } from "../../definition-form/fields/Part";
import { textsAt } from "../../definition-form/json";

const HELD = { schedules: "Runs of schedules", alerts: "Runs of alert rules" };

/** Runs of what wait: both where nothing is said. */
export function HeldEntry({ part }: { part: Part }) {
  const all = Object.keys(HELD);
  const held = part.value.holds === undefined ? all : textsAt(part.value, "holds");
  return (
    <Checkbox.Group
      label="It holds"
      description="What somebody asks for by hand is never held"
      value={held}
      onChange={(chosen) => setField(part, "holds", chosen.length === all.length ? undefined : chosen)}
      error={errorsOf(part, "holds")}
      data-field={`${part.at}holds`}
    >
      <Group gap="lg" mt={6}>
        {Object.entries(HELD).map(([value, label]) => (
          <Checkbox key={value} value={value} label={label} />
        ))}
      </Group>
    </Checkbox.Group>
  );
}
