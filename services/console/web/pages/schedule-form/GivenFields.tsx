import { Button, Group, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { errorAt } from "../../definition-form/faults";
import { type Part, setField } from "../../definition-form/fields/Part";
import { isObject, textAt } from "../../definition-form/json";
import { actionQuery } from "../../nouns/action/queries";
import { againWith } from "../../parameters/again";
import type { Drafts } from "../../parameters/drafts";
import { ParameterForm } from "../../parameters/ParameterForm";
import { givenOf, shownDrafts } from "./given";

const PAUSE = 300;
const NONE = {};

/** What the action is given, by the fields of its own parameters. */
export function GivenFields({ part }: { part: Part }) {
  const [name] = useDebouncedValue(textAt(part.value, "action"), PAUSE);
  const { data: action } = useQuery({ ...actionQuery(name), enabled: name !== "", retry: false });
  const [typed, setTyped] = useState<Drafts>(NONE);
  const values = isObject(part.value.parameters) ? part.value.parameters : NONE;
  if (action === undefined || action.name !== textAt(part.value, "action")) {
    return (
      <Text size="sm" c="dimmed">
        Choose the action, and what it asks for stands here.
      </Text>
    );
  }
  const { parameters } = action;
  const { drafts: stored, gone } = againWith(parameters, values);
  const drafts = shownDrafts(parameters, { stored, typed, values });
  const change = (changed: Drafts) => {
    setTyped(changed);
    for (const parameter of parameters) {
      const draft = changed[parameter.name];
      if (draft !== undefined && draft !== drafts[parameter.name]) {
        setField(part, `parameters.${parameter.name}`, givenOf(parameter, draft));
      }
    }
  };
  const errors = Object.fromEntries(
    parameters.flatMap(({ name: field }) => {
      const error = errorAt(part.faults, `${part.at}parameters.${field}`);
      return error === null ? [] : [[field, error]];
    }),
  );
  return (
    <Stack gap="md" data-field={`${part.at}parameters`}>
      {parameters.length === 0 ? <Text size="sm">It takes no parameters.</Text> : null}
      <ParameterForm parameters={parameters} drafts={drafts} onChange={change} errors={errors} namesSecretsOnly />
      {gone.map((field) => (
        <Group key={field} gap="sm">
          <Text size="sm" c="var(--mantine-color-error)" style={{ overflowWrap: "anywhere" }}>
            The action does not ask for {field} any more.
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => setField(part, `parameters.${field}`, undefined)}>
            Take {field} away
          </Button>
        </Group>
      ))}
    </Stack>
  );
}
