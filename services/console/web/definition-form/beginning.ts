import type { DefinitionText, WrittenKind } from "../nouns/definition/texts";
import type { JsonObject } from "./json";
import type { Beginning } from "./useDefinitionForm";
import { readYaml } from "./yaml";

/** What the form of a stored definition begins with. */
export function beginningOf(kind: WrittenKind, { text, version }: DefinitionText): Beginning {
  return { definition: definitionIn(kind, text), version };
}

/** A new definition like one that there is; its name is for whoever makes it to say. */
export function copyOf(kind: WrittenKind, text: string, name: string): Beginning {
  return { definition: { ...definitionIn(kind, text), name }, version: null };
}

function definitionIn(kind: WrittenKind, text: string): JsonObject {
  const { definition, fault } = readYaml(text, kind);
  if (fault !== null) {
    throw new Error(`The server's own YAML cannot be read, line ${fault.place.line}: ${fault.message}`);
  }
  return definition;
}
