import { bind, type Draft, type Drafts, type Parameter } from "../../parameters/drafts";
import { isSameJson, type Json, type JsonObject, numberOf } from "../json";

/** What a definition says of a parameter of which this stands in its field; nothing where it is left to the action. */
export function givenOf(parameter: Parameter, draft: Draft): Json | undefined {
  const value: unknown = bind([parameter], { [parameter.name]: draft })[parameter.name];
  const isNumber = parameter.type === "integer" || parameter.type === "number";
  return typeof value === "string" && isNumber ? numberOf(value) : (value as Json | undefined);
}

interface Known {
  /** What the fields show of what the definition says. */
  stored: Drafts;
  /** What was typed. */
  typed: Drafts;
  /** What the definition says. */
  values: JsonObject;
}

/** What stands in the fields: what was typed, as long as the definition says the same, as an empty field is no value. */
export function shownDrafts(parameters: readonly Parameter[], { stored, typed, values }: Known): Drafts {
  const drafts: Record<string, Draft> = { ...stored };
  for (const parameter of parameters) {
    const draft = typed[parameter.name];
    if (draft !== undefined && isSameJson(givenOf(parameter, draft), values[parameter.name])) {
      drafts[parameter.name] = draft;
    }
  }
  return drafts;
}
