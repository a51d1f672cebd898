import { asProblem, type FieldError } from "../api/problem";

const BEFORE = "parameters.";

/** What a refusal says of parameters, by their names. */
export function parameterErrors(error: unknown): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { field, message } of errorsOf(error)) {
    if (field.startsWith(BEFORE)) {
      const name = field.slice(BEFORE.length);
      found[name] = found[name] === undefined ? message : `${found[name]}; ${message}`;
    }
  }
  return found;
}

/** What it says of one other field. */
export function fieldError(error: unknown, field: string): string | null {
  const messages = errorsOf(error).filter((each) => each.field === field);
  return messages.length === 0 ? null : messages.map(({ message }) => message).join("; ");
}

/** Whether all that it says is said at a field: of a parameter that there is, or of one of these others. */
export function isSaidAtFields(
  error: unknown,
  parameters: readonly { name: string }[],
  fields: readonly string[],
): boolean {
  const there = new Set([...parameters.map(({ name }) => BEFORE + name), ...fields]);
  const errors = errorsOf(error);
  return errors.length > 0 && errors.every(({ field }) => there.has(field));
}

function errorsOf(error: unknown): readonly FieldError[] {
  return error === null || error === undefined ? [] : asProblem(error).errors;
}
