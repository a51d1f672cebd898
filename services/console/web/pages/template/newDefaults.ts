import type { Schemas } from "../../api/client";
import { bind, type Drafts, type Parameter } from "../../parameters/drafts";

/** The defaults that somebody has given in place of a template's own; those that were not touched stay its own. */
export function newDefaults(parameters: readonly Parameter[], drafts: Drafts): Schemas["TemplateUse"]["parameters"] {
  const bound = bind(
    parameters.filter(({ name }) => drafts[name] !== undefined),
    drafts,
  );
  const values: Schemas["TemplateUse"]["parameters"] = {};
  for (const [name, value] of Object.entries(bound)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      values[name] = value;
    }
  }
  return values;
}
