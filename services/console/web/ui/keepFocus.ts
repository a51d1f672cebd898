import { HEADING } from "./Page";

/** Where the keyboard was: what had the focus, and the way to it from what it stands in, innermost first. */
interface Place {
  element: Element;
  way: readonly { within: Element; at: number }[];
  page: string;
}

const CONTENT = "content";
const REACHED =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex="0"]';

/**
 * From now on: where what has the focus is taken from the page, as the button of a deed that is done, what has come to
 * its place takes it, or what stands beside that, or the heading of the page. The browser would leave it nowhere.
 */
export function keepFocus(document: Document, page: () => string): void {
  let place: Place | null = null;
  document.addEventListener("focusin", ({ target }) => {
    const content = document.getElementById(CONTENT);
    if (target instanceof Element && content?.contains(target)) {
      place = { element: target, way: wayTo(target, content), page: page() };
    }
  });
  // Whoever takes the focus away with the mouse, or a finger, wants it nowhere; in a question they have not left it.
  const leave = ({ target }: Event) => {
    if (target instanceof Element && document.getElementById(CONTENT)?.contains(target)) {
      place = null;
    }
  };
  document.addEventListener("pointerdown", leave, { capture: true });
  new MutationObserver(() => {
    if (place === null || place.element.isConnected || hasFocus(document)) {
      return;
    }
    const lost = place;
    place = null;
    // Another page begins at its heading, which is looked after elsewhere.
    if (lost.page === page()) {
      (successorOf(lost) ?? document.getElementById(HEADING))?.focus({ preventScroll: true });
    }
  }).observe(document.body, { childList: true, subtree: true });
}

function hasFocus({ activeElement, body }: Document): boolean {
  return activeElement !== null && activeElement !== body;
}

function wayTo(element: Element, content: Element): Place["way"] {
  const way: { within: Element; at: number }[] = [];
  for (let inner = element; inner !== content && inner.parentElement !== null; inner = inner.parentElement) {
    way.push({ within: inner.parentElement, at: [...inner.parentElement.children].indexOf(inner) });
  }
  return way;
}

/** What can be reached where the lost one was, or as near to it as anything is left. */
function successorOf({ way }: Place): HTMLElement | null {
  const left = way.filter(({ within }) => within.isConnected);
  // What scrolls, such as an output, is come to as a whole: its lines come and go.
  const scrolls = left.find(({ within }) => within.matches('[tabindex="0"]'))?.within;
  if (scrolls instanceof HTMLElement) {
    return scrolls;
  }
  for (const { within, at } of left) {
    const parts = [...within.children];
    for (const part of [...parts.slice(at), ...parts.slice(0, at).reverse()]) {
      const found = [part, ...part.querySelectorAll(REACHED)].find(
        (one) => one.matches(REACHED) && one.checkVisibility(),
      );
      if (found instanceof HTMLElement) {
        return found;
      }
    }
  }
  return null;
}
