import { useNavigate } from "@tanstack/react-router";
import { TwoViewForm, type WrittenDefinition } from "../../definition-form/TwoViewForm";
import { ButtonLink } from "../../ui/links";
import { WINDOW_FORM } from "./kind";
import { WindowFields } from "./WindowFields";

/** Writes a maintenance window, by fields or as YAML, and stores it as a new version. */
export function WindowForm(written: WrittenDefinition) {
  const navigate = useNavigate();
  return (
    <TwoViewForm
      {...written}
      kind={WINDOW_FORM}
      onSaved={() => void navigate({ to: "/schedules", search: { show: "windows" } })}
      cancel={
        <ButtonLink to="/schedules" search={{ show: "windows" }} variant="default">
          Cancel
        </ButtonLink>
      }
    >
      {(form) => <WindowFields form={form} />}
    </TwoViewForm>
  );
}
