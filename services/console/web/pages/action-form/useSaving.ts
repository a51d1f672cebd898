import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { asProblem } from "../../api/problem";
import { titleOf } from "../../nouns/action/queries";
import { useTypedText } from "../../ui/useTyped";
import { tellSaved } from "./tellSaved";
import type { useActionForm } from "./useActionForm";

/** How a form becomes a version: what is in the way is shown first, and whoever has saved is led to the action. */
export function useSaving(form: ReturnType<typeof useActionForm>, onShow: (field: string) => void) {
  const { save, base, state } = form;
  const navigate = useNavigate();
  const hasLeft = useRef(false);
  const note = useTypedText(`note ${form.name}`);
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
        onSuccess: (action) => {
          hasLeft.current = true;
          form.forget();
          note.forget();
          if (action !== undefined) {
            tellSaved(titleOf(action), action.warnings ?? []);
            void navigate({ to: "/actions/$name", params: { name: action.name } });
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
