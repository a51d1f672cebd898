import { Stack } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import type { ReactNode } from "react";
import { flushSync } from "react-dom";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { bringIntoView } from "./bringIntoView";
import { ChangesView } from "./ChangesView";
import { ConflictAlert } from "./ConflictAlert";
import { FormFields } from "./FormFields";
import { focusField } from "./focusField";
import { LeaveQuestion } from "./LeaveQuestion";
import { RestoredNote } from "./RestoredNote";
import { SaveBar } from "./SaveBar";
import { type Beginning, useActionForm } from "./useActionForm";
import { useOpenEntries } from "./useOpenEntries";
import { useSaving } from "./useSaving";
import { useView } from "./useView";
import { YamlView } from "./YamlView";

interface ActionFormProps {
  /** Whose drafts are kept. */
  person: string;
  /** Names the form among all whose drafts are kept; the name of the action where one is changed. */
  name: string;
  beginning: Beginning;
  /** Whether it is written as YAML. */
  isText: boolean;
  /** Where whoever changes their mind goes. */
  cancel: ReactNode;
}

/** Writes an action, by fields or as YAML, and stores it as a new version. */
export function ActionForm({ person, name, beginning, isText, cancel }: ActionFormProps) {
  const form = useActionForm(person, name, beginning);
  const { state, change, base, faults, save } = form;
  const steps = useOpenEntries("steps", state);
  const parameters = useOpenEntries("parameters", state);
  const show = (field: string) => {
    flushSync(() => {
      steps.openOf(field);
      parameters.openOf(field);
    });
    focusField(field);
  };
  const saving = useSaving(form, show);
  const view = useView(isText, form);
  // Enter in a field saves nothing: there are many, and a save is a version.
  useHotkeys([["mod+S", saving.submit]], [], true);
  return (
    <Stack gap="md" role="form" aria-label="Action">
      <RestoredNote kept={form.restored} current={beginning.version} onDiscard={() => form.begin(beginning)} />
      {saving.isConflict && base.version !== null ? (
        <ConflictAlert
          name={name}
          base={base.version}
          onSaveOver={saving.saveOver}
          onTakeTheirs={(theirs) => {
            save.reset();
            form.begin(theirs);
          }}
        />
      ) : null}
      {saving.error === null ? null : (
        <div ref={bringIntoView}>
          <ProblemAlert error={saving.error} />
        </div>
      )}
      {view.isText ? (
        <YamlView state={state} change={change} faults={faults} form={view.form} />
      ) : (
        <FormFields form={form} steps={steps} parameters={parameters} />
      )}
      <ChangesView diff={form.diff} />
      <SaveBar
        form={form}
        onSave={saving.submit}
        deed={base.version === null ? "Create the action" : "Save"}
        note={saving.note}
        onNote={saving.setNote}
        onShow={view.isText ? null : show}
        cancel={cancel}
      />
      <LeaveQuestion isAsked={form.isChanged} hasLeft={saving.hasLeft} isKept={form.isKept} onDiscard={form.forget} />
    </Stack>
  );
}
