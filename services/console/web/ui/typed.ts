import type { z } from "zod/mini";

const BEFORE = "opsimate-typed ";
const PERSON = `${BEFORE}by`;

export interface Typed<Fields> {
  fields: Fields;
  /** When it was typed, in milliseconds since 1970. */
  at: number;
}

/** What is typed in this tab is of one person: whoever else signs in finds nothing of it. */
export function typedBy(person: string, storage: Storage = window.sessionStorage): void {
  if (storage.getItem(PERSON) !== person) {
    forgetAllTyped(storage);
    keep(storage, PERSON, person);
  }
}

/** What somebody typed in a form of this tab and did not send; null where that is nothing, or nothing that the form knows. */
export function readTyped<Fields>(
  form: string,
  schema: z.ZodMiniType<Fields>,
  storage: Storage = window.sessionStorage,
): Typed<Fields> | null {
  const [at, fields] = parsed(storage.getItem(BEFORE + form));
  const read = schema.safeParse(fields);
  return read.success && typeof at === "number" ? { fields: read.data, at } : null;
}

/** Keep it until it is sent; never anything that is secret, as it stands there in clear. Null is nothing. */
export function keepTyped(form: string, fields: unknown, at: number, storage: Storage = window.sessionStorage): void {
  if (fields === null) {
    storage.removeItem(BEFORE + form);
  } else {
    keep(storage, BEFORE + form, JSON.stringify([at, fields]));
  }
}

export function forgetAllTyped(storage: Storage = window.sessionStorage): void {
  for (const key of Object.keys(storage)) {
    if (key.startsWith(BEFORE)) {
      storage.removeItem(key);
    }
  }
}

function keep(storage: Storage, key: string, text: string): void {
  try {
    storage.setItem(key, text);
  } catch {
    // A browser that has no room, or may keep nothing, keeps nothing: what is older would not be what was typed.
    storage.removeItem(key);
  }
}

function parsed(text: string | null): unknown[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}
