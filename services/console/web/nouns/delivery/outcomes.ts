import { CircleCheck, CircleHelp, CircleX, ShieldX } from "lucide-react";
import type { Look } from "../../ui/LookBadge";
import type { Delivery, DeliveryOutcome } from "./queries";

const OUTCOMES = {
  accepted: { label: "taken", color: "teal", icon: CircleCheck },
  unreadable: { label: "not understood", color: "yellow", icon: CircleHelp },
  refused: { label: "refused", color: "red", icon: CircleX },
  unauthorized: { label: "not let in", color: "red", icon: ShieldX },
} satisfies Record<DeliveryOutcome, Look>;

/** What somebody should look at. */
export const NOT_TAKEN: DeliveryOutcome[] = (Object.keys(OUTCOMES) as DeliveryOutcome[]).filter(
  (outcome) => outcome !== "accepted",
);

export function outcomeLook(outcome: DeliveryOutcome): Look {
  return OUTCOMES[outcome];
}

const REPLAYS = {
  requested: "is being decided again",
  done: "was decided again",
  failed: "could not be decided again",
} satisfies Record<NonNullable<Delivery["replay"]>["state"], string>;

/** What came of deciding it again, in a sentence; none where nobody asked for that. */
export function replayText({ replay }: Pick<Delivery, "replay">): string | null {
  return replay == null ? null : `It ${REPLAYS[replay.state]}${replay.reason === "" ? "." : `: ${replay.reason}`}`;
}
