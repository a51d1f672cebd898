import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CirclePause,
  CircleSlash,
  CircleX,
  Clock,
  Hourglass,
  LoaderCircle,
  UserCheck,
} from "lucide-react";
import type { Schemas } from "../../api/client";
import type { Look } from "../../ui/LookBadge";

export type Run = Schemas["Run"];
export type RunState = Run["state"];
export type RunStep = Schemas["RunStep"];
export type StepState = RunStep["state"];
export type Attempt = Schemas["Attempt"];

const LOOKS = {
  awaiting_approval: { label: "awaiting approval", color: "orange", icon: UserCheck },
  delayed: { label: "delayed", color: "grape", icon: Clock },
  queued: { label: "queued", color: "gray", icon: Hourglass },
  running: { label: "running", color: "blue", icon: LoaderCircle },
  succeeded: { label: "succeeded", color: "teal", icon: CircleCheck },
  failed: { label: "failed", color: "red", icon: CircleX },
  cancelled: { label: "cancelled", color: "gray", icon: Ban },
  rejected: { label: "rejected", color: "red", icon: CircleX },
  expired: { label: "expired", color: "gray", icon: Clock },
  skipped: { label: "skipped", color: "gray", icon: CircleSlash },
  unknown: { label: "unknown", color: "yellow", icon: CircleHelp },
  pending: { label: "pending", color: "gray", icon: CircleDashed },
  paused: { label: "paused", color: "grape", icon: CirclePause },
} satisfies Record<RunState | StepState | "paused", Look>;

export type AnyState = keyof typeof LOOKS;

export function lookOf(state: AnyState): Look {
  return LOOKS[state];
}

const ENDED = {
  awaiting_approval: false,
  delayed: false,
  queued: false,
  running: false,
  succeeded: true,
  failed: true,
  cancelled: true,
  rejected: true,
  expired: true,
  skipped: true,
  unknown: true,
} satisfies Record<RunState, boolean>;

export const RUN_STATES = Object.keys(ENDED) as [RunState, ...RunState[]];

export function hasEnded(state: RunState): boolean {
  return ENDED[state];
}

/** What a person is shown of a run: that it is paused says more than what state that is of. */
export function badgeStateOf(run: Pick<Run, "state" | "paused">): AnyState {
  return run.paused !== null && !hasEnded(run.state) ? "paused" : run.state;
}
