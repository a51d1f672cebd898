import { Group, Select, SimpleGrid, Stack } from "@mantine/core";
import type { Schemas } from "../../api/client";
import { FaultList } from "../../definition-form/FaultList";
import { unplaced } from "../../definition-form/faults";
import { FlagEntry } from "../../definition-form/fields/FlagEntry";
import { NumberEntry } from "../../definition-form/fields/NumberEntry";
import { inputProps, type Part } from "../../definition-form/fields/Part";
import { TextEntry } from "../../definition-form/fields/TextEntry";
import { TextsEntry } from "../../definition-form/fields/TextsEntry";
import { valueAt } from "../../definition-form/json";
import { DefaultEntry } from "./fields/DefaultEntry";
import { hasField, TYPE_TEXTS, typeOf, withType } from "./parameterTypes";

const FIELDS = [
  "name",
  "type",
  "title",
  "description",
  "required",
  "default",
  "pattern",
  "minimum",
  "maximum",
  "options",
  "leading_dash",
  "code",
];
const TYPES = Object.entries(TYPE_TEXTS).map(([value, label]) => ({ value, label }));

/** What there is to say of a parameter, by its type. */
export function ParameterFields({ part, index }: { part: Part; index: number }) {
  const { value: parameter } = part;
  const type = typeOf(parameter);
  const become = (next: Schemas["Parameter"]["type"]) =>
    part.change({ do: "set", field: `parameters.${index}`, value: withType(parameter, next) });
  return (
    <Stack gap="sm">
      <FaultList faults={unplaced(part.faults, part.at, FIELDS)} />
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <TextEntry part={part} name="name" label="Name" description="Letters, digits and _" isNeeded isCode />
        <Select
          {...inputProps({ part, name: "type", label: "Type", description: "What may be given" })}
          data={TYPES}
          value={type}
          allowDeselect={false}
          onChange={(chosen) => become(typeOf({ type: chosen }))}
        />
        <TextEntry part={part} name="title" label="Title" description="What people read above the field" />
      </SimpleGrid>
      <TextEntry part={part} name="description" label="Description" description="Below the field" />
      {hasField(type, "options") ? (
        <TextsEntry part={part} name="options" label="Options" description="Enter adds one" />
      ) : null}
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        {type === "secret" ? null : <DefaultEntry part={part} type={type} />}
        {hasField(type, "pattern") ? (
          <TextEntry
            part={part}
            name="pattern"
            label="Pattern"
            description="Has to match the whole value"
            placeholder="[A-Za-z0-9._-]+"
            isCode
          />
        ) : null}
        {hasField(type, "minimum") ? (
          <NumberEntry part={part} name="minimum" label="At least" description="The smallest that is taken" />
        ) : null}
        {hasField(type, "maximum") ? (
          <NumberEntry part={part} name="maximum" label="At most" description="The largest that is taken" />
        ) : null}
      </SimpleGrid>
      <Group gap="xl">
        <FlagEntry part={part} name="required" label="Required" />
        {type === "string" || valueAt(parameter, "leading_dash") !== undefined ? (
          <FlagEntry part={part} name="leading_dash" label="May begin with a dash" />
        ) : null}
        {type === "string" || valueAt(parameter, "code") !== undefined ? (
          <FlagEntry part={part} name="code" label="Is run as code" />
        ) : null}
      </Group>
    </Stack>
  );
}
