import { Stack } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import type { ReactNode } from "react";
import { flushSync } from "react-dom";
import { asProblem } from "../api/problem";
import type { SavedDefinition } from "../nouns/definition/texts";
import { ProblemAlert } from "../ui/ProblemAlert";
import { bringIntoView } from "./bringIntoView";
import { ChangesView } from "./ChangesView";
import { ConflictAlert } from "./ConflictAlert";
import { focusField } from "./focusField";
import { LeaveQuestion } from "./LeaveQuestion";
import { RestoredNote } from "./RestoredNote";
import { SaveBar } from "./SaveBar";
import type { Beginning, useDefinitionForm } from "./useDefinitionForm";
import { useSaving } from "./useSaving";
import { useView } from "./useView";
import { YamlView } from "./YamlView";

interface DefinitionFormProps {
  form: ReturnType<typeof useDefinitionForm>;
  beginning: Beginning;
  /** Whether it is written as YAML. */
  isText: boolean;
  /** Unfold what a field is in, before it is led to. */
  onShow?: (field: string) => void;
  onSaved: (saved: SavedDefinition) => void;
  /** Where whoever changes their mind goes. */
  cancel: ReactNode;
  /** Its fields. */
  children: ReactNode;
}

/** Writes a definition, by fields or as YAML, and stores it as a new version. */
export function DefinitionForm({ form, beginning, isText, onShow, onSaved, cancel, children }: DefinitionFormProps) {
  const { kind, name, state, change, base, faults, save } = form;
  const show = (field: string) => {
    flushSync(() => onShow?.(field));
    focusField(field);
  };
  const saving = useSaving(form, show, onSaved);
  const view = useView(isText, kind.lists, form);
  // Enter in a field saves nothing: there are many, and a save is a version.
  useHotkeys([["mod+S", saving.submit]], [], true);
  return (
    <Stack gap="md" role="form" aria-label={kind.noun.charAt(0).toUpperCase() + kind.noun.slice(1)}>
      <RestoredNote kept={form.restored} current={beginning.version} onDiscard={() => form.begin(beginning)} />
      {saving.isConflict && base.version !== null ? (
        <ConflictAlert
          kind={kind}
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
          <ProblemAlert
            error={saving.error}
            isDeed
            {...(asProblem(saving.error).isPassing && { onRetry: saving.submit })}
          />
        </div>
      )}
      {view.isText ? (
        <YamlView noun={kind.noun} state={state} change={change} faults={faults} form={view.form} />
      ) : (
        children
      )}
      <ChangesView diff={form.diff} />
      <SaveBar
        form={form}
        onSave={saving.submit}
        deed={base.version === null ? `Create the ${kind.noun}` : "Save"}
        note={saving.note}
        onNote={saving.setNote}
        onShow={view.isText ? null : show}
        cancel={cancel}
      />
      <LeaveQuestion isAsked={form.isChanged} hasLeft={saving.hasLeft} isKept={form.isKept} onDiscard={form.forget} />
    </Stack>
  );
}
