import type { Version } from "./versions";

/** What the first version of something is compared with: nothing was there before. */
export const NOTHING = 0;

const CHANGES = {
  created: "created by",
  changed: "changed by",
  deleted: "deleted by",
} satisfies Record<Version["change"], string>;

/** What became of it, and by whom: `changed by ann`. */
export function changeText({ change, by }: Pick<Version, "change" | "by">): string {
  return `${CHANGES[change]} ${by}`;
}
