import type { FormKind } from "../../definition-form/FormKind";
import type { Beginning } from "../../definition-form/useDefinitionForm";
import { actionQuery } from "../../nouns/action/queries";
import { triedDefinitions } from "./trial";

export const ACTION_FORM: FormKind = {
  word: "action",
  path: "actions",
  noun: "action",
  permission: "actions.write",
  lists: ["steps", "parameters"],
  triedOf: triedDefinitions,
  keyOf: (name) => actionQuery(name).queryKey,
  drafts: "",
};

/** A new action: its first step is there to be filled in. */
export const NEW_ACTION: Beginning = {
  definition: { kind: "action", steps: [{ name: "step" }] },
  version: null,
};
