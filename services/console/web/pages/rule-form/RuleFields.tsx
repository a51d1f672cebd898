import { Stack } from "@mantine/core";
import { FaultList } from "../../definition-form/FaultList";
import { FormSection } from "../../definition-form/FormSection";
import { unplaced } from "../../definition-form/faults";
import { ChoiceEntry } from "../../definition-form/fields/ChoiceEntry";
import { FlagEntry } from "../../definition-form/fields/FlagEntry";
import { LongTextEntry } from "../../definition-form/fields/LongTextEntry";
import { NewNameEntry } from "../../definition-form/fields/NewNameEntry";
import { NotifyFields } from "../../definition-form/NotifyFields";
import { MatchFields } from "../../definition-form/rule/MatchFields";
import { RESTRAINT_FIELDS, RestraintFields } from "../../definition-form/rule/RestraintFields";
import { useSample } from "../../definition-form/rule/useSample";
import type { useDefinitionForm } from "../../definition-form/useDefinitionForm";
import { ResponsesFields } from "./ResponsesFields";

const FIELDS = ["description", "enabled", "source", "match", "continue", ...RESTRAINT_FIELDS, "responses", "notify"];

interface RuleFieldsProps {
  form: ReturnType<typeof useDefinitionForm>;
  /** The alert that it is made of, if it is of one. */
  alertId: string | undefined;
}

/** All fields of an alert rule: for which alerts it is, and what is run for them. */
export function RuleFields({ form, alertId }: RuleFieldsProps) {
  const { state, change, base, faults } = form;
  const isNew = base.version === null;
  const part = { value: state.definition, at: "", faults, change };
  const sample = useSample(alertId);
  return (
    <>
      <FaultList faults={unplaced(faults, "", isNew ? ["name", ...FIELDS] : FIELDS)} />
      <FormSection title="What it is">
        <Stack gap="sm">
          {isNew ? <NewNameEntry part={part} /> : null}
          <LongTextEntry part={part} name="description" label="Description" description="What it is for" />
        </Stack>
      </FormSection>
      <FormSection title="For which alerts">
        <MatchFields part={part} recent={sample.recent} />
      </FormSection>
      <FormSection title="Automated Response">
        <ResponsesFields part={part} sample={sample} />
      </FormSection>
      <FormSection title="When it is asked, and how often">
        <Stack gap="sm">
          <ChoiceEntry
            part={part}
            name="continue"
            label="If it matches"
            description="Rules are asked in the order of their names"
            usual="true"
            options={{ true: "The rules behind it are asked, too", false: "No further rule is asked" }}
            write={(chosen) => chosen === "true"}
          />
          <RestraintFields part={part} />
          <FlagEntry part={part} name="enabled" label="Enabled" usual />
        </Stack>
      </FormSection>
      <FormSection title="Who is told">
        <NotifyFields part={part} none="Nobody is told how its runs end, but whom their actions name." />
      </FormSection>
    </>
  );
}
