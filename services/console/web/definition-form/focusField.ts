/** Lead whoever wants to save to a field; to what it is within, where it has none of its own. */
export function focusField(field: string): void {
  const parts = field.split(".");
  for (let length = parts.length; length > 0; length -= 1) {
    const found = document.querySelector<HTMLElement>(`[data-field="${CSS.escape(parts.slice(0, length).join("."))}"]`);
    if (found !== null) {
      const input = found.matches("input, textarea")
        ? found
        : found.querySelector<HTMLElement>("input, textarea, .cm-content");
      (input ?? found).focus();
      if (input instanceof HTMLInputElement) {
        input.select();
      }
      (input ?? found).scrollIntoView({ block: "center" });
      return;
    }
  }
}

/** Lead whoever put an entry back to it: `steps.2`. */
export function focusEntry(entry: string): void {
  document.querySelector<HTMLElement>(`[data-entry="${CSS.escape(entry)}"] [aria-expanded]`)?.focus();
}
