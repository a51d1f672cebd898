import {
  BellRing,
  CircleCheck,
  CircleHelp,
  CircleSlash,
  CircleX,
  Clock,
  Eye,
  Info,
  OctagonAlert,
  Play,
  TriangleAlert,
} from "lucide-react";
import type { Look } from "../../ui/LookBadge";
import type { AlertStatus, RuleDecision, Severity } from "./queries";

const STATUSES = {
  firing: { label: "firing", color: "red", icon: BellRing },
  resolved: { label: "resolved", color: "teal", icon: CircleCheck },
  acknowledged: { label: "acknowledged", color: "blue", icon: Eye },
  updated: { label: "updated", color: "gray", icon: Info },
  unreadable: { label: "unreadable", color: "yellow", icon: CircleHelp },
  stale: { label: "stale", color: "gray", icon: Clock },
} satisfies Record<AlertStatus | "stale", Look>;

const SEVERITIES = {
  critical: { label: "critical", color: "red", icon: OctagonAlert },
  high: { label: "high", color: "orange", icon: TriangleAlert },
  warning: { label: "warning", color: "yellow", icon: TriangleAlert },
  info: { label: "info", color: "blue", icon: Info },
  unknown: { label: "unknown", color: "gray", icon: CircleHelp },
} satisfies Record<Severity, Look>;

const DECISIONS = {
  run_requested: { label: "run requested", color: "teal", icon: Play },
  no_rule_matched: { label: "no rule matched", color: "gray", icon: CircleSlash },
  not_firing: { label: "not firing", color: "gray", icon: CircleSlash },
  parameters_refused: { label: "parameters refused", color: "red", icon: CircleX },
  flapping: { label: "flapping", color: "yellow", icon: TriangleAlert },
  cooling_down: { label: "cooling down", color: "gray", icon: Clock },
  condition_failed: { label: "condition failed", color: "red", icon: CircleX },
  action_missing: { label: "action missing", color: "red", icon: CircleX },
} satisfies Record<RuleDecision["decision"], Look>;

export function statusLook(status: AlertStatus | "stale"): Look {
  return STATUSES[status];
}

export function severityLook(severity: Severity): Look {
  return SEVERITIES[severity];
}

export function decisionLook(decision: RuleDecision["decision"]): Look {
  return DECISIONS[decision];
}
