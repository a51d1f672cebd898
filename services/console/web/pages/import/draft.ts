import type { InventoryRequest } from "../../nouns/inventory/queries";

export interface ImportDraft {
  format: InventoryRequest["format"];
  text: string;
  user: string;
  key: string;
  pool: string;
  /** As they are typed: `env`, or `env=stage` for a variable under another name. */
  labels: string[];
}

export const EMPTY_IMPORT: ImportDraft = {
  format: "ansible_inventory",
  text: "",
  user: "",
  key: "",
  pool: "",
  labels: [],
};

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
