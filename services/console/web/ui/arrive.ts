import { HEADING } from "./Page";

/** Take who uses the keyboard, or hears the page, to its beginning; but not away from where the page itself took them. */
export function arrive(): void {
  const content = document.getElementById("content");
  if (content === null || content.contains(document.activeElement)) {
    return;
  }
  const heading = document.getElementById(HEADING);
  (heading ?? content).focus({ preventScroll: true });
  if (heading === null) {
    goOnToHeading(content);
  }
}

/** Of a page that is still being read or loaded there is no heading yet: whoever waits there comes to it once it is drawn. */
function goOnToHeading(content: HTMLElement): void {
  const watch = new MutationObserver(() => {
    const heading = document.getElementById(HEADING);
    const waits = document.activeElement === content;
    if (waits && heading !== null) {
      heading.focus({ preventScroll: true });
    }
    if (!waits || heading !== null) {
      watch.disconnect();
    }
  });
  watch.observe(content, { childList: true, subtree: true });
}
