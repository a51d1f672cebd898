/** As a `ref`: what comes up because somebody asked for it has the focus, and with that is in sight. */
export function focused(element: HTMLElement | null): void {
  element?.focus();
}
