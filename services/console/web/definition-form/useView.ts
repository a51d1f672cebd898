import { useEffect, useState } from "react";
import { type Change, type FormState, formRefusal } from "./state";

/** The way to the form, for whoever wants it while the text says what no form can show. */
export interface WayToForm {
  /** Why it cannot be shown yet. */
  refusal: string | null;
  onShow: () => void;
}

/** Whether the text is shown or the form: the text stays until whoever writes it says that it is done. */
export function useView(
  wantsText: boolean,
  lists: readonly string[],
  { state, change }: { state: FormState; change: (change: Change) => void },
) {
  const [isHeld, setHeld] = useState(false);
  const refusal = formRefusal(state, lists);
  const holds = !wantsText && (isHeld || refusal !== null);
  if (isHeld !== holds) {
    setHeld(holds);
  }
  const isText = wantsText || holds;
  useEffect(() => {
    if (!isText && state.text !== null) {
      change({ do: "write", text: null });
    }
  }, [isText, state.text, change]);
  const form: WayToForm | null = holds ? { refusal, onShow: () => setHeld(refusal !== null) } : null;
  return { isText, form };
}
