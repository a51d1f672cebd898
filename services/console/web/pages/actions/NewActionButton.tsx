import { Plus } from "lucide-react";
import { useRefusal } from "../../nouns/session/can";
import { DeedButton } from "../../ui/DeedButton";
import { ButtonLink } from "../../ui/links";

/** Leads to the form of a new action. */
export function NewActionButton() {
  const refusal = useRefusal("actions.write");
  const look = { leftSection: <Plus size={16} aria-hidden /> };
  return refusal === null ? (
    <ButtonLink {...look} to="/actions/+new">
      New action
    </ButtonLink>
  ) : (
    <DeedButton {...look} refusal={refusal}>
      New action
    </DeedButton>
  );
}
