import { z } from "zod/mini";
import type { Schemas } from "../api/client";

export type Parameter = Schemas["Parameter"];
type Value = Schemas["RunBody"]["parameters"][string];

/** A secret as it is being given: by the name of a stored one, or by its value. */
export interface SecretDraft {
  by: "name" | "value";
  text: string;
}

/** What stands in a field; a truth value is `true`, `false` or nothing yet. */
export type Draft = string | SecretDraft;

/** What a person has changed, by the parameters' names; of all others the field shows what `initialDraft` says. */
export type Drafts = Readonly<Record<string, Draft>>;

export const DRAFTS = z.record(
  z.string(),
  z.union([z.string(), z.object({ by: z.enum(["name", "value"]), text: z.string() })]),
);

/** What of it a browser may keep: no secret that is given by its value, which would stand there in clear. */
export function withoutSecrets(drafts: Drafts): Drafts {
  return Object.fromEntries(
    Object.entries(drafts).map(([name, draft]) => [
      name,
      typeof draft !== "string" && draft.by === "value" ? { ...draft, text: "" } : draft,
    ]),
  );
}

/** What a field shows before anybody has typed there. */
export function initialDraft({ type, default: given }: Parameter): Draft {
  if (type === "secret") {
    return { by: "name", text: "" };
  }
  // A whole number of more than 53 bits was cut as it was read: left out, the server takes it as it stands there.
  if (given === undefined || given === null || (Number.isInteger(given) && !Number.isSafeInteger(given))) {
    return "";
  }
  return String(given);
}

export function draftOf(parameter: Parameter, drafts: Drafts): Draft {
  return drafts[parameter.name] ?? initialDraft(parameter);
}

/** The values of a request; what is left empty is left out, so that the server takes the default. */
export function bind(parameters: readonly Parameter[], drafts: Drafts): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const parameter of parameters) {
    const value = boundValue(parameter, draftOf(parameter, drafts));
    if (value !== undefined) {
      values[parameter.name] = value;
    }
  }
  return values;
}

/** The parameters that somebody has to give a value first. */
export function missingOf(parameters: readonly Parameter[], drafts: Drafts): Parameter[] {
  return parameters.filter(
    (parameter) => isNeeded(parameter) && boundValue(parameter, draftOf(parameter, drafts)) === undefined,
  );
}

/** Whether a field that is left empty is the empty text, and not the default. */
export function isEmptyTextMeant({ type, required }: Parameter): boolean {
  return type === "string" && !required;
}

export function hasDefault({ default: given }: Parameter): boolean {
  return given !== undefined && given !== null;
}

/** Whether somebody has to give a value: only a text or a secret can be nothing, of every other type there has to be one. */
export function isNeeded(parameter: Parameter): boolean {
  const { type, required } = parameter;
  return !hasDefault(parameter) && (required || (type !== "string" && type !== "secret"));
}

function boundValue(parameter: Parameter, draft: Draft): Value | undefined {
  if (typeof draft !== "string") {
    return draft.text === "" ? undefined : draft.by === "name" ? { secret: draft.text } : draft.text;
  }
  switch (parameter.type) {
    case "string":
      return draft === "" && !(hasDefault(parameter) && isEmptyTextMeant(parameter)) ? undefined : draft;
    case "boolean":
      return draft === "" ? undefined : draft === "true";
    case "choice":
      return draft === "" ? undefined : draft;
    default:
      // Numbers go as the texts that were typed: the server reads them, with all their digits.
      return draft.trim() === "" ? undefined : draft.trim();
  }
}
