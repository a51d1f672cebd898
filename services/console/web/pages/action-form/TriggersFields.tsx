import { Button, Stack, Text } from "@mantine/core";
import { Plus } from "lucide-react";
import { useState } from "react";
import { errorsOf, type Part, setField } from "../../definition-form/fields/Part";
import { isObject, listAt } from "../../definition-form/json";
import { SampleEntry } from "../../definition-form/rule/SampleEntry";
import { useSample } from "../../definition-form/rule/useSample";
import type { Parameter } from "../../parameters/drafts";
import { TriggerFields } from "./TriggerFields";

const FIELD = "execution.triggers";

interface TriggersFieldsProps {
  part: Part;
  parameters: readonly Parameter[];
}

/** For which alerts an action runs: each of its rules by itself. */
export function TriggersFields({ part, parameters }: TriggersFieldsProps) {
  const triggers = listAt(part.value, FIELD);
  /** Name the rules while others are taken away. */
  const [known, setIds] = useState<readonly number[]>(() => triggers.map((_, index) => index));
  const ids = known.length === triggers.length ? known : triggers.map((_, index) => index);
  const sample = useSample();
  const remove = (index: number) => {
    const rest = triggers.toSpliced(index, 1);
    setIds(ids.toSpliced(index, 1));
    setField(part, FIELD, rest.length === 0 ? undefined : rest);
  };
  const add = () => {
    setIds([...ids, Math.max(-1, ...ids) + 1]);
    setField(part, FIELD, [...triggers, { match: {} }]);
  };
  return (
    <Stack gap="md" data-field={FIELD}>
      {triggers.length === 0 ? <Text size="sm">{errorsOf(part, FIELD) ?? "No alert runs it yet."}</Text> : null}
      {triggers.length === 0 ? null : <SampleEntry {...sample} />}
      {triggers.map((trigger, index) => (
        <TriggerFields
          key={ids[index]}
          part={{ ...part, value: isObject(trigger) ? trigger : {}, at: `${FIELD}.${index}.` }}
          number={index + 1}
          parameters={parameters}
          recent={sample.recent}
          sample={sample.sample?.alert ?? null}
          onRemove={() => remove(index)}
        />
      ))}
      <Button
        variant="default"
        size="sm"
        leftSection={<Plus size={15} aria-hidden />}
        style={{ alignSelf: "flex-start" }}
        onClick={add}
      >
        Add alerts that run it
      </Button>
    </Stack>
  );
}
