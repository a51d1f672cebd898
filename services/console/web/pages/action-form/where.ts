import { isObject, type Json, type JsonObject, textAt, textsAt, valueAt } from "../../definition-form/json";

/** How a step says where it runs. */
export type Way = "one" | "list" | "group" | "labels";

export const WAY_TEXTS = {
  one: "One",
  list: "Several",
  group: "Group",
  labels: "Labels",
} satisfies Record<Way, string>;

export function wayOf(step: JsonObject): Way {
  const providers = step.providers;
  if (isObject(providers)) {
    return "labels" in providers ? "labels" : "group";
  }
  return Array.isArray(providers) ? "list" : "one";
}

/** The step with another way of saying where it runs: what was said in the way before is gone, but for a list of one. */
export function withWay(step: JsonObject, way: Way): JsonObject {
  const { provider, providers, ...rest } = step;
  const known = textAt(step, "provider") || textsAt(step, "providers")[0] || "";
  switch (way) {
    case "one": {
      // How several are gone through means nothing for one.
      const { rollout: _gone, ...alone } = rest;
      return known === "" ? alone : { ...alone, provider: known };
    }
    case "list":
      return { ...rest, providers: known === "" ? [] : [known] };
    case "group":
      return { ...rest, providers: { group: "" } };
    case "labels":
      return { ...rest, providers: { labels: {} } };
  }
}

/** Labels as `role=web`, one for each value that will do. */
export function labelTexts(step: JsonObject): string[] {
  const labels = valueAt(step, "providers.labels");
  return isObject(labels)
    ? Object.entries(labels).flatMap(([name, value]) =>
        (Array.isArray(value) ? value : [value]).map((one) => `${name}=${one === null ? "" : String(one)}`),
      )
    : [];
}

/** What such texts say: of a label that is named twice either value will do. */
export function labelsOf(texts: readonly string[]): JsonObject {
  const found: Record<string, string[]> = {};
  for (const text of texts) {
    const at = text.indexOf("=");
    const name = (at < 0 ? text : text.slice(0, at)).trim();
    found[name] = [...(found[name] ?? []), at < 0 ? "" : text.slice(at + 1).trim()];
  }
  const shortest = ([name, values]: [string, string[]]): [string, Json] => [
    name,
    values.length === 1 ? (values[0] ?? "") : values,
  ];
  return Object.fromEntries(Object.entries(found).map(shortest));
}
