import { Plus } from "lucide-react";
import { useRefusal } from "../../nouns/session/can";
import { DeedLink } from "../../ui/DeedLink";

/** Leads to the form of a new action. */
export function NewActionButton() {
  return (
    <DeedLink to="/actions/+new" refusal={useRefusal("actions.write")} leftSection={<Plus size={16} aria-hidden />}>
      New action
    </DeedLink>
  );
}
