import type { Draft, Drafts, Parameter } from "./drafts";

/** The values of an earlier run as a form shows them, and what of them it cannot show. */
export interface Again {
  drafts: Drafts;
  /** Whose values have to be given anew: secrets that were given by value, which nothing shows, and too large numbers. */
  lost: Parameter[];
  /** What the run was given, and is asked for no more. */
  gone: string[];
}

/** What stands in the form of a run that is done again, by the parameters that the action has now. */
export function againWith(parameters: readonly Parameter[], values: Readonly<Record<string, unknown>>): Again {
  const drafts: Record<string, Draft> = {};
  const lost: Parameter[] = [];
  for (const parameter of parameters) {
    const value = values[parameter.name];
    if (value === undefined || value === null) {
      continue;
    }
    const draft = draftOfValue(parameter, value);
    if (draft !== undefined) {
      drafts[parameter.name] = draft;
    } else {
      lost.push(parameter);
    }
  }
  const names = new Set(parameters.map(({ name }) => name));
  return { drafts, lost, gone: Object.keys(values).filter((name) => !names.has(name)) };
}

function draftOfValue({ type }: Parameter, value: unknown): Draft | undefined {
  if (type === "secret") {
    return isNamed(value) ? { by: "name", text: value.secret } : undefined;
  }
  // A whole number of more than 53 bits was cut as it was read.
  if (typeof value === "object" || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    return undefined;
  }
  return String(value);
}

function isNamed(value: unknown): value is { secret: string } {
  return typeof value === "object" && value !== null && "secret" in value && typeof value.secret === "string";
}
