import { LookBadge } from "../../ui/LookBadge";
import classes from "./StateBadge.module.css";
import { type AnyState, lookOf } from "./states";

/** A state of a run or a step; the sign of what runs turns. */
export function StateBadge({ state, size = "md" }: { state: AnyState; size?: "sm" | "md" | "lg" }) {
  return <LookBadge look={lookOf(state)} size={size} signClass={state === "running" ? classes.turning : undefined} />;
}
