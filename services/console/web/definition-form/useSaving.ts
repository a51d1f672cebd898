import { useRef } from "react";
import { asProblem } from "../api/problem";
import type { SavedDefinition } from "../nouns/definition/texts";
import { useTypedText } from "../ui/useTyped";
import { tellSaved } from "./tellSaved";
import type { useDefinitionForm } from "./useDefinitionForm";

/** How a form becomes a version: what is in the way is shown first, and whoever has saved is led away. */
export function useSaving(
  form: ReturnType<typeof useDefinitionForm>,
  onShow: (field: string) => void,
  onSaved: (saved: SavedDefinition) => void,
) {
  const { save, base, state } = form;
  const hasLeft = useRef(false);
  const note = useTypedText(`note ${form.kind.drafts}${form.name}`);
  const store = (version: number | null) =>
    save.mutate(
      { text: form.text, over: version === null ? null : { name: form.name, version }, note: note.text.trim() },
      {
        onError: (error) => {
          const first = asProblem(error).errors[0];
          if (first !== undefined) {
            onShow(first.field);
          }
        },
        onSuccess: (saved) => {
          hasLeft.current = true;
          form.forget();
          note.forget();
          if (saved !== undefined) {
            tellSaved(saved.title || saved.name, saved.warnings ?? []);
            onSaved(saved);
          }
        },
      },
    );
  const submit = () => {
    const [first] = form.tryToSave();
    if (state.fault !== null || save.isPending) {
      return;
    }
    if (first !== undefined && !form.isChecking) {
      onShow(first.field);
      return;
    }
    store(base.version);
  };
  const { status } = asProblem(save.error);
  return {
    submit,
    /** Store it over a version that somebody else has made meanwhile. */
    saveOver: (version: number) => {
      form.saveOver(version);
      store(version);
    },
    isConflict: save.error !== null && status === 412,
    /** What went wrong, where that is said at no field. */
    error: status === 412 || status === 422 ? null : save.error,
    note: note.text,
    setNote: note.setText,
    /** Set once it is saved. */
    hasLeft,
  };
}
