import { type ReactNode, useSyncExternalStore } from "react";

/** What is asked in a window of its own, of which there is one at a time. */
interface Dialog {
  isOpen: boolean;
  title: string;
  content: ReactNode;
}

let dialog: Dialog = { isOpen: false, title: "", content: null };
const watchers = new Set<() => void>();

export function openDialog(title: string, content: ReactNode): void {
  become({ isOpen: true, title, content });
}

/** What it said stays while it fades. */
export function closeDialog(): void {
  become({ ...dialog, isOpen: false });
}

export function useDialog(): Dialog {
  return useSyncExternalStore(watch, currentDialog);
}

export function currentDialog(): Dialog {
  return dialog;
}

function become(next: Dialog): void {
  dialog = next;
  for (const told of watchers) {
    told();
  }
}

function watch(told: () => void): () => void {
  watchers.add(told);
  return () => watchers.delete(told);
}
