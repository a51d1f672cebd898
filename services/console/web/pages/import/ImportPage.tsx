import { Card } from "@mantine/core";
import { useRef, useState } from "react";
import { usePlanImport } from "../../nouns/inventory/queries";
import { Page } from "../../ui/Page";
import { TypedNote } from "../../ui/TypedNote";
import { useKeepTyped, useTyped } from "../../ui/useTyped";
import { CommandLineNote } from "./CommandLineNote";
import { EMPTY_IMPORT, IMPORT_DRAFT, type ImportDraft, requestOf, withoutPasswords } from "./draft";
import { ImportForm } from "./ImportForm";
import { ImportPlanView } from "./ImportPlanView";

const FORM = "import";

/** Many machines at once, of what Ansible or ssh know of them: the plan first, then all of it. */
export function ImportPage() {
  const [found, forgetFound] = useTyped(FORM, IMPORT_DRAFT);
  const [draft, setDraft] = useState(found?.fields ?? EMPTY_IMPORT);
  useKeepTyped(FORM, draft === EMPTY_IMPORT ? null : withoutPasswords(draft));
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
      <TypedNote
        found={found}
        onDiscard={() => {
          setDraft(EMPTY_IMPORT);
          forgetFound();
        }}
      >
        {draft.text === ""
          ? "A text that speaks of passwords is kept nowhere: paste it anew, or choose its file."
          : null}
      </TypedNote>
      <Card withBorder>
        <ImportForm draft={draft} onChange={change} planning={planning} onPlan={makePlan} />
      </Card>
      {planning.data === undefined ? (
        <CommandLineNote format={draft.format} />
      ) : (
        <Card withBorder component="section" aria-label="What would be stored" ref={plan} tabIndex={-1}>
          <ImportPlanView plan={planning.data} format={draft.format} onAgain={makePlan} />
        </Card>
      )}
    </Page>
  );
}
