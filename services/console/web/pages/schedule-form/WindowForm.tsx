import { useNavigate } from "@tanstack/react-router";
import { DefinitionForm } from "../../definition-form/DefinitionForm";
import { type Beginning, useDefinitionForm } from "../../definition-form/useDefinitionForm";
import { ViewTabs } from "../../definition-form/ViewTabs";
import { ButtonLink } from "../../ui/links";
import { WINDOW_FORM } from "./kind";
import { WindowFields } from "./WindowFields";

interface WindowFormProps {
  /** Whose drafts are kept. */
  person: string;
  /** Of the window that is changed, or of the form that makes one. */
  name: string;
  beginning: Beginning;
  /** Whether it is written as YAML. */
  isText: boolean;
}

/** Writes a maintenance window, by fields or as YAML, and stores it as a new version. */
export function WindowForm({ person, name, beginning, isText }: WindowFormProps) {
  const form = useDefinitionForm(WINDOW_FORM, person, name, beginning);
  const navigate = useNavigate();
  return (
    <>
      <ViewTabs isText={isText} />
      <DefinitionForm
        form={form}
        beginning={beginning}
        isText={isText}
        onSaved={() => void navigate({ to: "/schedules", search: { show: "windows" } })}
        cancel={
          <ButtonLink to="/schedules" search={{ show: "windows" }} variant="default">
            Cancel
          </ButtonLink>
        }
      >
        <WindowFields form={form} />
      </DefinitionForm>
    </>
  );
}
