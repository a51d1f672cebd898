import { isObject, type Json, type JsonObject } from "../json";

/** How a text is compared: as it stands, with any of several, by a pattern. */
export type Way = "equals" | "in" | "regex";

export const WAYS = { equals: "is", in: "is one of", regex: "fits the pattern" } satisfies Record<Way, string>;

/** What a text has to be, as its fields show it. */
export interface Wanted {
  way: Way;
  /** With `in` several, else one. */
  texts: readonly string[];
  /** What no field shows, and stays as it was written. */
  kept?: JsonObject;
}

export interface LabelRow extends Wanted {
  id: number;
  name: string;
}

/** What a rule says that a text has to be. */
export function wantedOf(given: Json | undefined): Wanted {
  if (!isObject(given)) {
    return { way: "equals", texts: [textOf(given)] };
  }
  const [way, ...more] = Object.keys(given);
  const value = way === undefined ? undefined : given[way];
  if (more.length === 0 && (way === "equals" || way === "regex") && !isObject(value) && !Array.isArray(value)) {
    return { way, texts: [textOf(value)] };
  }
  if (more.length === 0 && way === "in" && Array.isArray(value) && !value.some((one) => typeof one === "object")) {
    return { way, texts: value.map(textOf) };
  }
  return { way: "equals", texts: [JSON.stringify(given)], kept: given };
}

/** The same as a rule says it. */
export function writtenOf({ way, texts, kept }: Wanted): Json {
  if (kept !== undefined) {
    return kept;
  }
  const [text = ""] = texts;
  return way === "equals" ? text : way === "regex" ? { regex: text } : { in: [...texts] };
}

/** The same text, or texts, compared in another way. */
export function inAnotherWay({ way, texts }: Wanted, other: Way): Wanted {
  const said = texts.filter((text) => text !== "");
  return { way: other, texts: other === "in" ? said : way === "in" ? [said[0] ?? ""] : texts };
}

export function rowsOf(labels: Json | undefined): LabelRow[] {
  return isObject(labels) ? Object.entries(labels).map(([name, value], id) => ({ id, name, ...wantedOf(value) })) : [];
}

/** What a rule says of labels whose names are known; nothing where there are none. */
export function labelsOf(rows: readonly LabelRow[]): JsonObject | undefined {
  const named = rows.filter(({ name }) => name !== "");
  return named.length === 0 ? undefined : Object.fromEntries(named.map((row) => [row.name, writtenOf(row)]));
}

function textOf(value: Json | undefined): string {
  return value === undefined || value === null ? "" : String(value);
}
