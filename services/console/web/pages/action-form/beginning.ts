import type { JsonObject } from "./json";
import type { Beginning } from "./useActionForm";
import { readYaml } from "./yaml";

/** A new action: its first step is there to be filled in. */
export const NEW_ACTION: Beginning = {
  definition: { kind: "action", steps: [{ name: "step" }] },
  version: null,
};

/** What the form of a stored action begins with. */
export function beginningOf({ text, version }: { text: string; version: number }): Beginning {
  return { definition: definitionIn(text), version };
}

/** A new action like one that there is; its name is for whoever makes it to say. */
export function copyOf(text: string, name: string): Beginning {
  return { definition: { ...definitionIn(text), name }, version: null };
}

function definitionIn(text: string): JsonObject {
  const { definition, fault } = readYaml(text);
  if (fault !== null) {
    throw new Error(`The server's own YAML cannot be read, line ${fault.place.line}: ${fault.message}`);
  }
  return definition;
}
