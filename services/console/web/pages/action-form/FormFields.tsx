import { FaultList } from "../../definition-form/FaultList";
import { FormSection } from "../../definition-form/FormSection";
import { unplaced } from "../../definition-form/faults";
import { textAt } from "../../definition-form/json";
import { NotifyFields } from "../../definition-form/NotifyFields";
import type { useDefinitionForm } from "../../definition-form/useDefinitionForm";
import { BasicFields } from "./BasicFields";
import { ComesToRunFields } from "./ComesToRunFields";
import { ParametersSection } from "./ParametersSection";
import { SettingsFields } from "./SettingsFields";
import { StepsSection } from "./StepsSection";
import type { useOpenEntries } from "./useOpenEntries";

const FIELDS = [
  "title",
  "description",
  "category",
  "tags",
  "estimated_duration",
  "confirm",
  "condition",
  "concurrency",
  "execution.timeout",
  "execution.mode",
  "execution.approval",
  "notify",
];

/** What has fields as long as it is what runs the action. */
const OF_MODE: Readonly<Record<string, readonly string[]>> = {
  scheduled: ["execution.schedule"],
  triggered: ["execution.triggers"],
};

interface FormFieldsProps {
  form: ReturnType<typeof useDefinitionForm>;
  steps: ReturnType<typeof useOpenEntries>;
  parameters: ReturnType<typeof useOpenEntries>;
}

/** All fields of an action. */
export function FormFields({ form, steps, parameters }: FormFieldsProps) {
  const { state, change, base, faults } = form;
  const isNew = base.version === null;
  const shown = [...FIELDS, ...(OF_MODE[textAt(state.definition, "execution.mode")] ?? [])];
  const ofWhole = faults.filter(({ field }) => !/^(steps|parameters)\.\d/.test(field));
  const part = { value: state.definition, at: "", faults, change };
  return (
    <>
      <FaultList faults={unplaced(ofWhole, "", isNew ? ["name", ...shown] : shown)} />
      <FormSection title="Basic information">
        <BasicFields part={part} isNew={isNew} />
      </FormSection>
      <FormSection title="What it asks for">
        <ParametersSection
          state={state}
          change={change}
          faults={faults}
          open={parameters.open}
          onToggle={parameters.toggle}
        />
      </FormSection>
      <FormSection title="Steps">
        <StepsSection state={state} change={change} faults={faults} open={steps.open} onToggle={steps.toggle} />
      </FormSection>
      <FormSection title="How it runs">
        <SettingsFields part={part} />
      </FormSection>
      <ComesToRunFields part={part} />
      <FormSection title="Who is told">
        <NotifyFields part={part} none="Nobody is told how its runs end, but by the rules that ask for them." />
      </FormSection>
    </>
  );
}
