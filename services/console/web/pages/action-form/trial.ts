import { freeName } from "../../definition-form/freeName";
import { isObject, type Json, type JsonObject, listAt, textAt } from "../../definition-form/json";

/** Does nothing, in every shell. */
const NOTHING = ":";

/**
 * What is tried: the action as it is, and where somebody has yet to write what no action can lack, also as if that were
 * written. As long as a field is missing the server does not look at commands, and whoever writes one wants to hear of it.
 */
export function triedDefinitions(definition: JsonObject): JsonObject[] {
  const steps = listAt(definition, "steps");
  const parameters = listAt(definition, "parameters");
  const isWhole =
    isSaid(definition, "name") &&
    steps.every((step) => isSaid(step, "name") && isSaid(step, "command")) &&
    parameters.every((parameter) => isSaid(parameter, "name"));
  return isWhole ? [definition] : [definition, completed(definition, steps, parameters)];
}

function completed(definition: JsonObject, steps: readonly Json[], parameters: readonly Json[]): JsonObject {
  return {
    ...definition,
    name: textAt(definition, "name") || "new-action",
    ...(steps.length === 0 ? {} : { steps: withNames(steps, "step", "-").map(withCommand) }),
    ...(parameters.length === 0 ? {} : { parameters: withNames(parameters, "parameter", "_") }),
  };
}

function withNames(entries: readonly Json[], noun: string, joint: string): Json[] {
  const taken = entries.map((entry) => textAt(entry, "name"));
  return entries.map((entry) => {
    if (!isObject(entry) || isSaid(entry, "name")) {
      return entry;
    }
    const name = freeName(noun, taken, joint);
    taken.push(name);
    return { ...entry, name };
  });
}

function withCommand(step: Json): Json {
  return isObject(step) && !isSaid(step, "command") ? { ...step, command: NOTHING } : step;
}

function isSaid(entry: Json, field: string): boolean {
  return !isObject(entry) || (entry[field] !== undefined && entry[field] !== null && entry[field] !== "");
}
