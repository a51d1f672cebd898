import { CircleCheck, CircleX, Hourglass } from "lucide-react";
import type { Look } from "../../ui/LookBadge";
import type { Notification } from "./queries";

const LOOKS = {
  pending: { label: "pending", color: "gray", icon: Hourglass },
  delivered: { label: "delivered", color: "teal", icon: CircleCheck },
  failed: { label: "failed", color: "red", icon: CircleX },
} satisfies Record<Notification["state"], Look>;

export const NOTIFICATION_STATES = Object.keys(LOOKS) as [Notification["state"], ...Notification["state"][]];

export function notificationLook(state: Notification["state"]): Look {
  return LOOKS[state];
}
