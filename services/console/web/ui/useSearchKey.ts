import { useWindowEvent } from "@mantine/hooks";

const SEARCH_KEY = "/";
const WRITTEN_IN = "input:not([type=radio], [type=checkbox])";
const FIELDS = `${WRITTEN_IN}, textarea, select, [contenteditable]:not([contenteditable=false])`;
const SEARCH = ":is(search, [role=search])";
const SEARCHES = `${SEARCH} ${WRITTEN_IN}`;
/** In a narrow window filters are behind a button. */
const FOLDED = `${SEARCH} button[aria-expanded=false]`;

/** `/` leads from anywhere on a page to its first field that filters what it shows, or to what unfolds them; where one writes, it is a letter. */
export function useSearchKey(): void {
  useWindowEvent("keydown", (event) => {
    const field = isAsked(event) ? searchField() : null;
    if (field !== null) {
      event.preventDefault();
      field.focus();
    }
    if (field instanceof HTMLInputElement) {
      field.select();
    }
  });
}

/** Keyboards have it in several places: what counts is the letter, whether or not Shift makes it. */
function isAsked({ key, ctrlKey, altKey, metaKey, defaultPrevented, target }: KeyboardEvent): boolean {
  const isElsewhere = !(target instanceof Element) || target.closest(FIELDS) === null;
  return key === SEARCH_KEY && !(ctrlKey || altKey || metaKey || defaultPrevented) && isElsewhere;
}

/** None while a dialog is open, behind which it would stand. */
function searchField(): HTMLElement | null {
  if (document.querySelector("[role=dialog]") !== null) {
    return null;
  }
  const found = [SEARCHES, FOLDED].flatMap((wanted) => [...document.querySelectorAll<HTMLElement>(wanted)]);
  return found.find((field) => field.checkVisibility()) ?? null;
}
