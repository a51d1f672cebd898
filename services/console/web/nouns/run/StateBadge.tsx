import { SoftBadge } from "../../ui/SoftBadge";
import classes from "./StateBadge.module.css";
import { type AnyState, lookOf } from "./states";

/** A state by its word, its sign and its colour, in this order of weight. */
export function StateBadge({ state, size = "md" }: { state: AnyState; size?: "sm" | "md" | "lg" }) {
  const { label, color, icon: Icon } = lookOf(state);
  return (
    <SoftBadge
      color={color}
      size={size}
      miw="max-content"
      leftSection={<Icon size={13} aria-hidden className={state === "running" ? classes.turning : undefined} />}
    >
      {label}
    </SoftBadge>
  );
}
