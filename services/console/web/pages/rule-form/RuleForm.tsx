import { useNavigate } from "@tanstack/react-router";
import { TwoViewForm, type WrittenDefinition } from "../../definition-form/TwoViewForm";
import { ButtonLink } from "../../ui/links";
import { RULE_FORM } from "./kind";
import { RuleFields } from "./RuleFields";

interface RuleFormProps extends WrittenDefinition {
  /** The alert that it is made of, if it is of one. */
  alertId?: string | undefined;
}

/** Writes an alert rule, by fields or as YAML, and stores it as a new version. */
export function RuleForm({ alertId, ...written }: RuleFormProps) {
  const navigate = useNavigate();
  return (
    <TwoViewForm
      {...written}
      kind={RULE_FORM}
      onSaved={() => void navigate({ to: "/alerts", search: { show: "rules" } })}
      cancel={
        <ButtonLink to="/alerts" search={{ show: "rules" }} variant="default">
          Cancel
        </ButtonLink>
      }
    >
      {(form) => <RuleFields form={form} alertId={alertId} />}
    </TwoViewForm>
  );
}
