import type { FormKind } from "../../definition-form/FormKind";
import { textAt } from "../../definition-form/json";
import type { Beginning } from "../../definition-form/useDefinitionForm";
import { channelQuery } from "../../nouns/channel/queries";

export const CHANNEL_FORM: FormKind = {
  word: "channel",
  path: "channels",
  noun: "channel",
  permission: "channels.write",
  lists: [],
  triedOf: (definition) =>
    textAt(definition, "name") === "" ? [definition, { ...definition, name: "new-channel" }] : [definition],
  keyOf: (name) => channelQuery(name).queryKey,
  drafts: "channel ",
};

/** One that leads to an address in a secret. */
export const NEW_CHANNEL: Beginning = { definition: { kind: "channel", url: { secret: "" } }, version: null };
