import { Button, Group, Stack, Text } from "@mantine/core";
import { useMemo } from "react";
import type { Alert, Episode } from "../../nouns/alert/queries";
import type { Parameter } from "../../parameters/drafts";
import { errorsOf, type Part, setField } from "../fields/Part";
import { isObject, valueAt } from "../json";
import { MappedField } from "./MappedField";
import { placeholderNames } from "./placeholders";

interface MappedFieldsProps {
  part: Part;
  /** What the action asks for. */
  parameters: readonly Parameter[];
  recent: readonly Episode[];
  /** The alert on which it is shown what they come to. */
  sample: Alert | null;
}

/** What an action is given for an alert: values, or what the alert says. */
export function MappedFields({ part, parameters, recent, sample }: MappedFieldsProps) {
  const names = useMemo(() => placeholderNames(recent.map(({ alert }) => alert)), [recent]);
  const asked = new Set(parameters.map(({ name }) => name));
  const gone = ["parameters", "defaults"].flatMap((map) => {
    const given = valueAt(part.value, map);
    return Object.keys(isObject(given) ? given : {})
      .filter((name) => !asked.has(name))
      .map((name) => ({ field: `${map}.${name}`, name }));
  });
  return (
    <Stack gap="sm" data-field={`${part.at}parameters`}>
      {parameters.map((parameter) => (
        <MappedField key={parameter.name} part={part} parameter={parameter} names={names} sample={sample} />
      ))}
      {gone.map(({ field, name }) => (
        <Group key={field} gap="sm">
          <Text size="sm" c="var(--mantine-color-error)" style={{ overflowWrap: "anywhere" }}>
            {errorsOf(part, field) ?? `The action does not ask for ${name}.`}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => setField(part, field, undefined)}>
            Take {name} away
          </Button>
        </Group>
      ))}
    </Stack>
  );
}
