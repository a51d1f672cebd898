import { Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import type { Part } from "../../definition-form/fields/Part";
import { textAt } from "../../definition-form/json";
import { GivenFields } from "../../definition-form/schedule/GivenFields";
import { actionQuery } from "../../nouns/action/queries";

const PAUSE = 300;

/** What the action that is chosen is given, by the fields of its own parameters. */
export function GivenToAction({ part }: { part: Part }) {
  const [name] = useDebouncedValue(textAt(part.value, "action"), PAUSE);
  const { data: action } = useQuery({ ...actionQuery(name), enabled: name !== "", retry: false });
  return action === undefined || action.name !== textAt(part.value, "action") ? (
    <Text size="sm" c="dimmed">
      Choose the action, and what it asks for stands here.
    </Text>
  ) : (
    <GivenFields part={part} parameters={action.parameters} />
  );
}
