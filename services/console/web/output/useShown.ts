import { useMemo, useSyncExternalStore } from "react";
import { Found, type Selection, Shown } from "./shown";
import type { OutputStore } from "./store";

/** The lines of a selection and those in which a text is found, kept true while more come. */
export function useShown(store: OutputStore, selection: Selection, find: string): { shown: Shown; found: Found } {
  useSyncExternalStore(store.subscribe, store.read);
  const { step, attempt, provider } = selection;
  const shown = useMemo(() => new Shown(store, { step, attempt, provider }), [store, step, attempt, provider]);
  const found = useMemo(() => new Found(store, shown, find), [store, shown, find]);
  shown.readOn();
  found.readOn();
  return { shown, found };
}
