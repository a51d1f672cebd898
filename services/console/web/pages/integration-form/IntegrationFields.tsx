import { Stack } from "@mantine/core";
import { FaultList } from "../../definition-form/FaultList";
import { FormSection } from "../../definition-form/FormSection";
import { unplaced } from "../../definition-form/faults";
import { ChoiceEntry } from "../../definition-form/fields/ChoiceEntry";
import { LongTextEntry } from "../../definition-form/fields/LongTextEntry";
import { NewNameEntry } from "../../definition-form/fields/NewNameEntry";
import type { useDefinitionForm } from "../../definition-form/useDefinitionForm";
import { ALERT_SOURCES, sourceText } from "../../nouns/alert/sources";
import { AtTheSender } from "./AtTheSender";
import { VerifyFields } from "./VerifyFields";

const SHOWN = ["description", "source", "verify"];
const SOURCES = Object.fromEntries(ALERT_SOURCES.map((source) => [source, sourceText(source)]));

/** All fields of an integration, and what they lead to on the sender's side. */
export function IntegrationFields({ form }: { form: ReturnType<typeof useDefinitionForm> }) {
  const { state, change, base, faults } = form;
  const isNew = base.version === null;
  const part = { value: state.definition, at: "", faults, change };
  return (
    <>
      <FaultList faults={unplaced(faults, "", isNew ? ["name", ...SHOWN] : SHOWN)} />
      <FormSection title="What it is">
        <Stack gap="sm">
          {isNew ? <NewNameEntry part={part} /> : null}
          <ChoiceEntry
            part={part}
            name="source"
            label="Source"
            description="What its sender is"
            usual=""
            options={SOURCES}
          />
          <LongTextEntry part={part} name="description" label="Description" description="What sends by it" />
        </Stack>
      </FormSection>
      <FormSection title="How its sender is known">
        <VerifyFields part={part} />
      </FormSection>
      <FormSection title="What to paste at the sender">
        <AtTheSender part={part} />
      </FormSection>
    </>
  );
}
