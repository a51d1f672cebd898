import type { Schemas } from "../../api/client";

export type Notify = Schemas["Notify"];
type Event = Schemas["Notification"]["event"];

/** What a channel is told of, as people read it. */
export const EVENT_WORDS = {
  succeeded: "succeeded",
  failed: "failed",
  unknown: "unknown",
  cancelled: "cancelled",
  rejected: "rejected",
  expired: "expired",
  skipped: "skipped",
  awaiting_approval: "awaiting approval",
} satisfies Record<Event, string>;

/** What a channel can be told of a run, with what people read. */
export const EVENTS = Object.entries(EVENT_WORDS).map(([value, label]) => ({ value, label }));

/** What it is told of where nothing is said, as the API has it. */
export const USUAL_EVENTS: readonly Event[] = ["failed", "unknown", "awaiting_approval"];

/** Whom it tells, and of what: `on-call of failed, unknown, awaiting approval`. */
export function notifyText({ channel, on = [...USUAL_EVENTS] }: Notify): string {
  return `${channel} of ${on.map((event) => EVENT_WORDS[event]).join(", ")}`;
}
