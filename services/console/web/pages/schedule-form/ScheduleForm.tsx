import { useNavigate } from "@tanstack/react-router";
import { TwoViewForm, type WrittenDefinition } from "../../definition-form/TwoViewForm";
import { ButtonLink } from "../../ui/links";
import { SCHEDULE_FORM } from "./kind";
import { ScheduleFields } from "./ScheduleFields";

/** Writes a schedule, by fields or as YAML, and stores it as a new version. */
export function ScheduleForm(written: WrittenDefinition) {
  const navigate = useNavigate();
  const back =
    written.beginning.version === null ? (
      <ButtonLink to="/schedules" variant="default">
        Cancel
      </ButtonLink>
    ) : (
      <ButtonLink to="/schedules/$name" params={{ name: written.name }} variant="default">
        Cancel
      </ButtonLink>
    );
  return (
    <TwoViewForm
      {...written}
      kind={SCHEDULE_FORM}
      onSaved={(saved) => void navigate({ to: "/schedules/$name", params: { name: saved.name } })}
      cancel={back}
    >
      {(form) => <ScheduleFields form={form} />}
    </TwoViewForm>
  );
}
