import type { AlertStatus } from "./queries";

const STATUSES = {
  firing: true,
  resolved: true,
  acknowledged: true,
  updated: true,
  unreadable: true,
} satisfies Record<AlertStatus, true>;

export const ALERT_STATUSES = Object.keys(STATUSES) as [AlertStatus, ...AlertStatus[]];
