/**
 * For the `ref` of a form that appears on a page: the keyboard is taken to its first field, and back to what opened it
 * once it is gone.
 */
export function takeFocus(form: HTMLElement | null): (() => void) | undefined {
  const opener = document.activeElement;
  form?.querySelector<HTMLElement>("input, textarea")?.focus();
  return () => {
    if (opener instanceof HTMLElement) {
      opener.focus();
    }
  };
}
