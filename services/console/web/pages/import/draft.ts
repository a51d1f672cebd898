import { z } from "zod/mini";
import type { InventoryRequest } from "../../nouns/inventory/queries";

export const IMPORT_DRAFT = z.object({
  format: z.enum(["ansible_inventory", "ssh_config"]),
  text: z.string(),
  user: z.string(),
  key: z.string(),
  pool: z.string(),
  /** As they are typed: `env`, or `env=stage` for a variable under another name. */
  labels: z.array(z.string()),
});
export type ImportDraft = z.infer<typeof IMPORT_DRAFT>;

export const EMPTY_IMPORT: ImportDraft = {
  format: "ansible_inventory",
  text: "",
  user: "",
  key: "",
  pool: "",
  labels: [],
};

/** What of it a browser may keep: no text that speaks of passwords, which would stand there in clear. */
export function withoutPasswords(draft: ImportDraft): ImportDraft {
  return /pass|secret|token|vault/i.test(draft.text) ? { ...draft, text: "" } : draft;
}

export function requestOf({ format, text, user, key, pool, labels }: ImportDraft): InventoryRequest {
  return {
    format,
    text,
    user: user.trim() || null,
    private_key: key === "" ? null : { secret: key },
    pool: pool.trim() || null,
    labels: format === "ansible_inventory" ? labelsOf(labels) : {},
  };
}

/** Labels by their names, each with the variable that it is made of. */
function labelsOf(typed: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const one of typed) {
    const [variable = "", label = variable] = one.split("=", 2).map((part) => part.trim());
    labels[label] = variable;
  }
  return labels;
}
