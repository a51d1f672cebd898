import { useNavigate } from "@tanstack/react-router";
import { DefinitionForm } from "../../definition-form/DefinitionForm";
import { type Beginning, useDefinitionForm } from "../../definition-form/useDefinitionForm";
import { ViewTabs } from "../../definition-form/ViewTabs";
import { ButtonLink } from "../../ui/links";
import { SCHEDULE_FORM } from "./kind";
import { ScheduleFields } from "./ScheduleFields";

interface ScheduleFormProps {
  /** Whose drafts are kept. */
  person: string;
  /** Of the schedule that is changed, or of the form that makes one. */
  name: string;
  beginning: Beginning;
  /** Whether it is written as YAML. */
  isText: boolean;
}

/** Writes a schedule, by fields or as YAML, and stores it as a new version. */
export function ScheduleForm({ person, name, beginning, isText }: ScheduleFormProps) {
  const form = useDefinitionForm(SCHEDULE_FORM, person, name, beginning);
  const navigate = useNavigate();
  const back =
    beginning.version === null ? (
      <ButtonLink to="/schedules" variant="default">
        Cancel
      </ButtonLink>
    ) : (
      <ButtonLink to="/schedules/$name" params={{ name }} variant="default">
        Cancel
      </ButtonLink>
    );
  return (
    <>
      <ViewTabs isText={isText} />
      <DefinitionForm
        form={form}
        beginning={beginning}
        isText={isText}
        onSaved={(saved) => void navigate({ to: "/schedules/$name", params: { name: saved.name } })}
        cancel={back}
      >
        <ScheduleFields form={form} />
      </DefinitionForm>
    </>
  );
}
