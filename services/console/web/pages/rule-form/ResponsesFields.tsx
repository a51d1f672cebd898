import { Button, Stack } from "@mantine/core";
import { Plus } from "lucide-react";
import { useState } from "react";
import { flushSync } from "react-dom";
import { errorsOf, type Part, setField } from "../../definition-form/fields/Part";
import { focusField } from "../../definition-form/focusField";
import { isObject, listAt } from "../../definition-form/json";
import { SampleEntry } from "../../definition-form/rule/SampleEntry";
import type { useSample } from "../../definition-form/rule/useSample";
import { ResponseEntry } from "./ResponseEntry";

const FIELD = "responses";

interface ResponsesFieldsProps {
  part: Part;
  sample: ReturnType<typeof useSample>;
}

/** What is run for an alert: each action by itself, as many as there are. */
export function ResponsesFields({ part, sample }: ResponsesFieldsProps) {
  const responses = listAt(part.value, FIELD);
  /** Name the responses while others are taken away. */
  const [known, setIds] = useState<readonly number[]>(() => responses.map((_, index) => index));
  const ids = known.length === responses.length ? known : responses.map((_, index) => index);
  const remove = (index: number) => {
    setIds(ids.toSpliced(index, 1));
    setField(part, FIELD, responses.toSpliced(index, 1));
  };
  const add = () => {
    flushSync(() => {
      setIds([...ids, Math.max(-1, ...ids) + 1]);
      setField(part, FIELD, [...responses, {}]);
    });
    focusField(`${FIELD}.${responses.length}.action`);
  };
  return (
    <Stack gap="md" data-field={FIELD}>
      <SampleEntry {...sample} />
      {responses.map((response, index) => (
        <ResponseEntry
          key={ids[index]}
          part={{ ...part, value: isObject(response) ? response : {}, at: `${FIELD}.${index}.` }}
          number={index + 1}
          recent={sample.recent}
          sample={sample.sample?.alert ?? null}
          onRemove={responses.length === 1 ? null : () => remove(index)}
        />
      ))}
      {responses.length === 0 ? errorsOf(part, FIELD) : null}
      <Button
        variant="default"
        size="sm"
        leftSection={<Plus size={15} aria-hidden />}
        style={{ alignSelf: "flex-start" }}
        onClick={add}
      >
        Add Action
      </Button>
    </Stack>
  );
}
