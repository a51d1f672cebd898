import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { DefinitionForm } from "../../definition-form/DefinitionForm";
import { type Beginning, useDefinitionForm } from "../../definition-form/useDefinitionForm";
import { FormFields } from "./FormFields";
import { ACTION_FORM } from "./kind";
import { useOpenEntries } from "./useOpenEntries";

interface ActionFormProps {
  /** Whose drafts are kept. */
  person: string;
  /** Names the form among all whose drafts are kept; the name of the action where one is changed. */
  name: string;
  beginning: Beginning;
  /** Whether it is written as YAML. */
  isText: boolean;
  /** Where whoever changes their mind goes. */
  cancel: ReactNode;
}

/** Writes an action, by fields or as YAML, and stores it as a new version. */
export function ActionForm({ person, name, beginning, isText, cancel }: ActionFormProps) {
  const form = useDefinitionForm(ACTION_FORM, person, name, beginning);
  const steps = useOpenEntries("steps", form.state);
  const parameters = useOpenEntries("parameters", form.state);
  const navigate = useNavigate();
  return (
    <DefinitionForm
      form={form}
      beginning={beginning}
      isText={isText}
      onShow={(field) => {
        steps.openOf(field);
        parameters.openOf(field);
      }}
      onSaved={(saved) => void navigate({ to: "/actions/$name", params: { name: saved.name } })}
      cancel={cancel}
    >
      <FormFields form={form} steps={steps} parameters={parameters} />
    </DefinitionForm>
  );
}
