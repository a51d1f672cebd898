import { Card } from "@mantine/core";
import { useRef, useState } from "react";
import { usePlanImport } from "../../nouns/inventory/queries";
import { Page } from "../../ui/Page";
import { EMPTY_IMPORT, type ImportDraft, requestOf } from "./draft";
import { ImportForm } from "./ImportForm";
import { ImportPlanView } from "./ImportPlanView";

/** Many machines at once, of what Ansible or ssh know of them: the plan first, then all of it. */
export function ImportPage() {
  const [draft, setDraft] = useState<ImportDraft>(EMPTY_IMPORT);
  const planning = usePlanImport();
  const plan = useRef<HTMLDivElement>(null);
  const change = (changed: Partial<ImportDraft>) => {
    setDraft((known) => ({ ...known, ...changed }));
    planning.reset();
  };
  const makePlan = () =>
    planning.mutate(requestOf(draft), { onSuccess: () => requestAnimationFrame(() => plan.current?.focus()) });
  return (
    <Page
      title="Import providers"
      about="Of an Ansible inventory or an SSH configuration; nothing is stored before you have seen what"
    >
      <Card withBorder>
        <ImportForm draft={draft} onChange={change} planning={planning} onPlan={makePlan} />
      </Card>
      {planning.data === undefined ? null : (
        <Card withBorder component="section" aria-label="What would be stored" ref={plan} tabIndex={-1}>
          <ImportPlanView plan={planning.data} format={draft.format} onAgain={makePlan} />
        </Card>
      )}
    </Page>
  );
}
