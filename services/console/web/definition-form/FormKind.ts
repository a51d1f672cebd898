import type { QueryKey } from "@tanstack/react-query";
import type { WrittenKind } from "../nouns/definition/texts";
import type { VersionedKind } from "../nouns/definition/versions";
import type { Permission } from "../nouns/session/queries";
import type { JsonObject } from "./json";

/** What a form has to know of the kind of definition that it writes. */
export interface FormKind {
  word: WrittenKind;
  /** As the API's addresses call it. */
  path: VersionedKind;
  /** As people call one. */
  noun: string;
  permission: Permission;
  /** Its fields that are lists of entries, which a text may have made something else. */
  lists: readonly string[];
  /** What is tried of what stands there: itself, and where something is missing that nothing can lack, also as if it were there. */
  triedOf: (definition: JsonObject) => JsonObject[];
  /** Of the query that has one by its name. */
  keyOf: (name: string) => QueryKey;
  /** Before the names of its drafts, which tells them from those of other kinds. */
  drafts: string;
}
