import { HEADING } from "./Page";

/** Take who uses the keyboard, or hears the page, to its beginning; but not away from where the page itself took them. */
export function arrive(): void {
  const content = document.getElementById("content");
  if (content !== null && !content.contains(document.activeElement)) {
    (document.getElementById(HEADING) ?? content).focus({ preventScroll: true });
  }
}
