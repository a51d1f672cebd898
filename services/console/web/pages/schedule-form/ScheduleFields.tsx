import { SimpleGrid, Stack } from "@mantine/core";
import { FaultList } from "../../definition-form/FaultList";
import { FormSection } from "../../definition-form/FormSection";
import { unplaced } from "../../definition-form/faults";
import { ActionEntry } from "../../definition-form/fields/ActionEntry";
import { LongTextEntry } from "../../definition-form/fields/LongTextEntry";
import { NewNameEntry } from "../../definition-form/fields/NewNameEntry";
import { MisfireFields } from "../../definition-form/schedule/MisfireFields";
import { TimesFields } from "../../definition-form/schedule/TimesFields";
import type { useDefinitionForm } from "../../definition-form/useDefinitionForm";
import { GivenToAction } from "./GivenToAction";

const FIELDS = [
  "description",
  "action",
  "parameters",
  "at",
  "time_zone",
  "starts_at",
  "ends_at",
  "misfire",
  "misfire_limit",
  "enabled",
];

/** All fields of a schedule, with the times that they lead to. */
export function ScheduleFields({ form }: { form: ReturnType<typeof useDefinitionForm> }) {
  const { state, change, base, faults } = form;
  const isNew = base.version === null;
  const part = { value: state.definition, at: "", faults, change };
  return (
    <>
      <FaultList faults={unplaced(faults, "", isNew ? ["name", ...FIELDS] : FIELDS)} />
      <FormSection title="What runs">
        <Stack gap="sm">
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            {isNew ? <NewNameEntry part={part} /> : null}
            <ActionEntry part={part} />
          </SimpleGrid>
          <LongTextEntry part={part} name="description" label="Description" description="What it is for" />
          <GivenToAction part={part} />
        </Stack>
      </FormSection>
      <TimesFields part={part} />
      <FormSection title="Whether, and what was missed">
        <MisfireFields part={part} />
      </FormSection>
    </>
  );
}
