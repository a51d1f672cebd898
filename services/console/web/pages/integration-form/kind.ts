import type { FormKind } from "../../definition-form/FormKind";
import { textAt } from "../../definition-form/json";
import type { Beginning } from "../../definition-form/useDefinitionForm";
import { integrationQuery } from "../../nouns/integration/queries";

export const INTEGRATION_FORM: FormKind = {
  word: "integration",
  path: "integrations",
  noun: "integration",
  permission: "integrations.write",
  lists: [],
  triedOf: (definition) =>
    textAt(definition, "name") === "" ? [definition, { ...definition, name: "new-integration" }] : [definition],
  keyOf: (name) => integrationQuery(name).queryKey,
  drafts: "integration ",
};

/** One whose sender shows a secret. */
export const NEW_INTEGRATION: Beginning = {
  definition: { kind: "integration", source: "generic", verify: { token: { secrets: [] } } },
  version: null,
};
