export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [name: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands at a field such as `steps.2.retries.count`. */
export function valueAt(whole: Json | undefined, field: string): Json | undefined {
  let found = whole;
  for (const part of field.split(".")) {
    if (Array.isArray(found)) {
      found = found[Number(part)];
    } else if (isObject(found) && Object.hasOwn(found, part)) {
      found = found[part];
    } else {
      return undefined;
    }
  }
  return found;
}

/** A field as a person reads it in an input: a number or a truth value as its text, anything else that is no text as none. */
export function textAt(whole: Json | undefined, field: string): string {
  const found = valueAt(whole, field);
  return typeof found === "string" || typeof found === "number" || typeof found === "boolean" ? String(found) : "";
}

export function listAt(whole: Json | undefined, field: string): Json[] {
  const found = valueAt(whole, field);
  return Array.isArray(found) ? found : [];
}

export function textsAt(whole: Json | undefined, field: string): string[] {
  return listAt(whole, field).map((one) => (isObject(one) || Array.isArray(one) ? JSON.stringify(one) : String(one)));
}

/** What means something though nothing is in it: that it is limited at all, that the machine restarts, that people are asked, that a rule has still to say for which alerts it is. */
const MEANT_EMPTY = new Set(["concurrency", "expect_disconnect", "approval", "match"]);

/** The same with another value at a field; `undefined` takes the field away, and with it what would be empty then. */
export function withValue(whole: JsonObject, field: string, value: Json | undefined): JsonObject {
  const [first = "", ...rest] = field.split(".");
  const inner = whole[first];
  if (rest.length === 0) {
    return value === undefined ? without(whole, first) : { ...whole, [first]: value };
  }
  if (Array.isArray(inner)) {
    const index = Number(rest[0]);
    const item = inner[index];
    const below = rest.slice(1).join(".");
    const changed = below === "" ? value : isObject(item) ? withValue(item, below, value) : undefined;
    return changed === undefined ? whole : { ...whole, [first]: inner.with(index, changed) };
  }
  const changed = withValue(isObject(inner) ? inner : {}, rest.join("."), value);
  return Object.keys(changed).length === 0 && !MEANT_EMPTY.has(first)
    ? without(whole, first)
    : { ...whole, [first]: changed };
}

function without(whole: JsonObject, name: string): JsonObject {
  const { [name]: _gone, ...rest } = whole;
  return rest;
}

/** What a person typed for a number: the number where the text is how it is written, else the text, for the server to judge. */
export function numberOf(text: string): Json | undefined {
  const trimmed = text.trim();
  if (trimmed === "") {
    return undefined;
  }
  return String(Number(trimmed)) === trimmed && Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
}

/** Whether two values say the same, in whatever order the names of their fields come. */
export function isSameJson(one: Json | undefined, other: Json | undefined): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => isSameJson(item, other[index]));
  }
  if (isObject(one) && isObject(other)) {
    const names = Object.keys(one);
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => Object.hasOwn(other, name) && isSameJson(one[name], other[name]))
    );
  }
  return one === other;
}
