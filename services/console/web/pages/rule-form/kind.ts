import type { FormKind } from "../../definition-form/FormKind";
import { textAt } from "../../definition-form/json";
import type { Beginning } from "../../definition-form/useDefinitionForm";
import { alertRuleQuery } from "../../nouns/alert-rule/queries";

export const RULE_FORM: FormKind = {
  word: "alert_rule",
  path: "alert-rules",
  noun: "alert rule",
  permission: "alert_rules.write",
  lists: ["responses"],
  // Until it has a name the server says nothing of the rest.
  triedOf: (definition) =>
    textAt(definition, "name") === "" ? [definition, { ...definition, name: "new-rule" }] : [definition],
  keyOf: (name) => alertRuleQuery(name).queryKey,
  drafts: "alert_rule ",
};

/** For which alerts it is, and what is run, is still to be said. */
export const NEW_RULE: Beginning = {
  definition: { kind: "alert_rule", match: {}, responses: [{}] },
  version: null,
};
