/** For the `ref` of what appears far from where somebody pressed a button. */
export function bringIntoView(shown: HTMLElement | null): void {
  shown?.scrollIntoView({ block: "start" });
}
