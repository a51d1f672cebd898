import type { ReactNode } from "react";
import type { SavedDefinition } from "../nouns/definition/texts";
import { DefinitionForm } from "./DefinitionForm";
import type { FormKind } from "./FormKind";
import { type Beginning, useDefinitionForm } from "./useDefinitionForm";
import { ViewTabs } from "./ViewTabs";

export interface WrittenDefinition {
  /** Whose drafts are kept. */
  person: string;
  /** Of the definition that is changed, or of the form that makes one. */
  name: string;
  beginning: Beginning;
  /** Whether it is written as YAML. */
  isText: boolean;
}

interface TwoViewFormProps extends WrittenDefinition {
  kind: FormKind;
  onSaved: (saved: SavedDefinition) => void;
  /** Where whoever changes their mind goes. */
  cancel: ReactNode;
  /** The fields that are its own. */
  children: (form: ReturnType<typeof useDefinitionForm>) => ReactNode;
}

/** Writes a definition, by fields or as YAML, with the tabs that lead from one to the other. */
export function TwoViewForm(props: TwoViewFormProps) {
  const { kind, person, name, beginning, isText, onSaved, cancel, children } = props;
  const form = useDefinitionForm(kind, person, name, beginning);
  return (
    <>
      <ViewTabs isText={isText} />
      <DefinitionForm form={form} beginning={beginning} isText={isText} onSaved={onSaved} cancel={cancel}>
        {children(form)}
      </DefinitionForm>
    </>
  );
}
