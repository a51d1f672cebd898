import type { Schemas } from "../../api/client";
import type { JsonObject } from "../../definition-form/json";

type ParameterType = Schemas["Parameter"]["type"];

export const TYPE_TEXTS = {
  string: "Text",
  integer: "Whole number",
  number: "Number",
  boolean: "Yes or no",
  choice: "Choice",
  provider: "Provider",
  secret: "Secret",
} satisfies Record<ParameterType, string>;

/** What a type has besides; the server refuses what means nothing for it. */
const HAS = {
  string: ["pattern"],
  integer: ["minimum", "maximum"],
  number: ["minimum", "maximum"],
  boolean: [],
  choice: ["options"],
  provider: [],
  secret: [],
} satisfies Record<ParameterType, string[]>;
const OF_SOME_TYPE = ["pattern", "minimum", "maximum", "options"];

export function typeOf(parameter: JsonObject): ParameterType {
  const given = parameter.type;
  return typeof given === "string" && Object.hasOwn(HAS, given) ? (given as ParameterType) : "string";
}

export function hasField(type: ParameterType, field: string): boolean {
  return (HAS[type] as string[]).includes(field);
}

/** The parameter as one of another type: without what means nothing for that, and without a default, which may not fit. */
export function withType(parameter: JsonObject, type: ParameterType): JsonObject {
  const dropped = new Set(["default", ...OF_SOME_TYPE.filter((field) => !hasField(type, field))]);
  const kept = Object.entries(parameter).filter(([field]) => !dropped.has(field));
  return { ...Object.fromEntries(kept), type };
}
