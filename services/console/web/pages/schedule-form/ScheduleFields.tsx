import { SimpleGrid, Stack } from "@mantine/core";
import { FaultList } from "../../definition-form/FaultList";
import { FormSection } from "../../definition-form/FormSection";
import { unplaced } from "../../definition-form/faults";
import { ChoiceEntry } from "../../definition-form/fields/ChoiceEntry";
import { FlagEntry } from "../../definition-form/fields/FlagEntry";
import { LongTextEntry } from "../../definition-form/fields/LongTextEntry";
import { NumberEntry } from "../../definition-form/fields/NumberEntry";
import { textAt } from "../../definition-form/json";
import type { useDefinitionForm } from "../../definition-form/useDefinitionForm";
import { ActionEntry } from "./ActionEntry";
import { AtFields } from "./AtFields";
import { GivenFields } from "./GivenFields";
import { InstantEntry } from "./InstantEntry";
import { NewNameEntry } from "./NewNameEntry";
import { Preview } from "./Preview";
import { ZoneEntry } from "./ZoneEntry";

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
const MISFIRES = {
  run_once: "One run for all that were missed",
  run_all: "A run for each that was missed",
  skip: "No run for what was missed",
};

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
          <GivenFields part={part} />
        </Stack>
      </FormSection>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <FormSection title="When">
          <Stack gap="md">
            <AtFields part={part} label="It fires" />
            <ZoneEntry part={part} />
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <InstantEntry part={part} name="starts_at" label="Starts at" description="Nothing fires before" />
              <InstantEntry part={part} name="ends_at" label="Ends at" description="Nothing fires from then on" />
            </SimpleGrid>
          </Stack>
        </FormSection>
        <FormSection title="Next ten fire times">
          <Preview definition={state.definition} label="Next ten fire times" />
        </FormSection>
      </SimpleGrid>
      <FormSection title="Whether, and what was missed">
        <Stack gap="sm">
          <SimpleGrid cols={{ base: 1, sm: 2 }}>
            <ChoiceEntry
              part={part}
              name="misfire"
              label="Where no scheduler was there"
              usual="run_once"
              options={MISFIRES}
            />
            {textAt(part.value, "misfire") === "run_all" ? (
              <NumberEntry
                part={part}
                name="misfire_limit"
                label="At most"
                description="Runs, for the latest of them"
                placeholder="10"
              />
            ) : null}
          </SimpleGrid>
          <FlagEntry
            part={part}
            name="enabled"
            label="Enabled"
            description="What would fire while it is not is not missed"
            usual
          />
        </Stack>
      </FormSection>
    </>
  );
}
