import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { againWith } from "../../parameters/again";
import type { Drafts, Parameter } from "../../parameters/drafts";
import { ParameterForm } from "../../parameters/ParameterForm";
import { errorAt } from "../faults";
import { type Part, setField } from "../fields/Part";
import { isObject } from "../json";
import { givenOf, shownDrafts } from "./given";

const NONE = {};

interface GivenFieldsProps {
  part: Part;
  /** What the action asks for. */
  parameters: readonly Parameter[];
}

/** What an action is given, by the fields of its parameters. */
export function GivenFields({ part, parameters }: GivenFieldsProps) {
  const [typed, setTyped] = useState<Drafts>(NONE);
  const values = isObject(part.value.parameters) ? part.value.parameters : NONE;
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
