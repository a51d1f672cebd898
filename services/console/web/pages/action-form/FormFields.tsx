import { Card, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { BasicFields } from "./BasicFields";
import { FaultList } from "./FaultList";
import { unplaced } from "./faults";
import { ParametersSection } from "./ParametersSection";
import { SettingsFields } from "./SettingsFields";
import { StepsSection } from "./StepsSection";
import type { useActionForm } from "./useActionForm";
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
  "execution",
];

interface FormFieldsProps {
  form: ReturnType<typeof useActionForm>;
  steps: ReturnType<typeof useOpenEntries>;
  parameters: ReturnType<typeof useOpenEntries>;
}

/** All fields of an action. */
export function FormFields({ form, steps, parameters }: FormFieldsProps) {
  const { state, change, base, faults } = form;
  const isNew = base.version === null;
  const ofWhole = faults.filter(({ field }) => !/^(steps|parameters)\.\d/.test(field));
  const part = { value: state.definition, at: "", faults, change };
  return (
    <>
      <FaultList faults={unplaced(ofWhole, "", isNew ? ["name", ...FIELDS] : FIELDS)} />
      <Section title="Basic information">
        <BasicFields part={part} isNew={isNew} />
      </Section>
      <Section title="What it asks for">
        <ParametersSection
          state={state}
          change={change}
          faults={faults}
          open={parameters.open}
          onToggle={parameters.toggle}
        />
      </Section>
      <Section title="Steps">
        <StepsSection state={state} change={change} faults={faults} open={steps.open} onToggle={steps.toggle} />
      </Section>
      <Section title="How it runs">
        <SettingsFields part={part} />
      </Section>
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card withBorder component="section" aria-label={title} style={{ overflow: "visible" }}>
      <Title order={2} size="h4" mb="sm">
        {title}
      </Title>
      {children}
    </Card>
  );
}
