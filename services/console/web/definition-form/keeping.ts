import { isObject, type JsonObject, listAt } from "./json";

/** What a browser may keep: a default that somebody has given a secret would stand there in clear. */
export function keepable(definition: JsonObject): JsonObject {
  const parameters = listAt(definition, "parameters");
  if (!parameters.some((one) => isObject(one) && one.type === "secret" && one.default !== undefined)) {
    return definition;
  }
  return {
    ...definition,
    parameters: parameters.map((one) => {
      if (!isObject(one) || one.type !== "secret") {
        return one;
      }
      const { default: _secret, ...rest } = one;
      return rest;
    }),
  };
}

/** The same of a text that cannot be read: one that speaks of secrets is not kept. */
export function keepableText(text: string | null): string | null {
  return text !== null && /secret/i.test(text) ? null : text;
}
