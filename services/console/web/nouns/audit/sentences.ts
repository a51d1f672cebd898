import type { DefinedKind } from "../definition/versions";
import type { AuditEntry } from "./queries";

/** What something is done to, as people call it; of a kind of definition where its versions are. */
const NOUNS: Readonly<Record<string, { noun: string; versions?: DefinedKind }>> = {
  action: { noun: "action", versions: "actions" },
  provider: { noun: "provider", versions: "providers" },
  provider_group: { noun: "provider group", versions: "provider-groups" },
  secret: { noun: "secret", versions: "secrets" },
  alert_rule: { noun: "alert rule", versions: "alert-rules" },
  schedule: { noun: "schedule", versions: "schedules" },
  maintenance_window: { noun: "maintenance window", versions: "maintenance-windows" },
  integration: { noun: "integration", versions: "integrations" },
  channel: { noun: "channel", versions: "channels" },
  token: { noun: "token" },
  run: { noun: "run" },
};

const DONE: Readonly<Record<string, string>> = {
  created: "made",
  changed: "changed",
  deleted: "deleted",
  requested: "asked for",
  cancel: "cancelled",
  pause: "paused",
  resume: "resumed",
  override: "let pass its window",
  approve: "approved",
  reject: "rejected",
};

/** What can be asked for: what was done to one of these. */
export const AUDITED = Object.entries(NOUNS).map(([value, { noun }]) => ({ value, label: noun }));

/** What was done, in words: `changed the action`; what has no words yet as it is written. */
export function doneText({ kind, of }: Pick<AuditEntry, "kind" | "of">): string {
  const deed = kind.slice(kind.indexOf(".") + 1);
  const done = DONE[deed];
  const noun = NOUNS[of]?.noun;
  if (done === undefined || noun === undefined) {
    return kind;
  }
  return deed === "requested"
    ? `asked for a ${noun} of`
    : deed === "override"
      ? `let a ${noun} pass its window, of`
      : of === "run"
        ? `${done} a run of`
        : `${done} the ${noun}`;
}

/** The version that an entry tells of, and the one before it; null where it tells of none. */
export function versionsOf({ of, details = {} }: Pick<AuditEntry, "of" | "details">) {
  const kind = NOUNS[of]?.versions;
  const version = details.version;
  const old = details.old;
  if (kind === undefined || typeof version !== "number") {
    return null;
  }
  const before =
    typeof old === "object" && old !== null && "version" in old && typeof old.version === "number" ? old.version : 0;
  return { kind, version, before };
}

/** From where it was done: `10.0.0.7, opsimate/1.2, by a token`. */
export function originText(origin: AuditEntry["origin"]): string {
  if (origin === null || origin === undefined) {
    return "";
  }
  const { address, program, credential } = origin;
  return [address, program, credential === "session" ? "signed in" : "by a token"]
    .filter((one) => one !== "")
    .join(", ");
}
