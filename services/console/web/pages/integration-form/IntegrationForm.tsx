import { useNavigate } from "@tanstack/react-router";
import { TwoViewForm, type WrittenDefinition } from "../../definition-form/TwoViewForm";
import { ButtonLink } from "../../ui/links";
import { IntegrationFields } from "./IntegrationFields";
import { INTEGRATION_FORM } from "./kind";

/** Writes an integration, by fields or as YAML, and stores it as a new version. */
export function IntegrationForm(written: WrittenDefinition) {
  const navigate = useNavigate();
  return (
    <TwoViewForm
      {...written}
      kind={INTEGRATION_FORM}
      onSaved={() => void navigate({ to: "/settings", search: { show: "integrations" } })}
      cancel={
        <ButtonLink to="/settings" search={{ show: "integrations" }} variant="default">
          Cancel
        </ButtonLink>
      }
    >
      {(form) => <IntegrationFields form={form} />}
    </TwoViewForm>
  );
}
