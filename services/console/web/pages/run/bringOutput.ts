/** The part of the page that shows the output of what is chosen. */
export const OUTPUT_ID = "output";

/** Show the output where it lies far below what was pressed for it, as it does on a phone; once it is drawn. */
export function bringOutput(): void {
  requestAnimationFrame(() => {
    const output = document.getElementById(OUTPUT_ID);
    if (output !== null && output.getBoundingClientRect().top > window.innerHeight / 2) {
      output.scrollIntoView({ block: "start" });
    }
  });
}
