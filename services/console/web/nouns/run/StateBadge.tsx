import { Badge } from "@mantine/core";
import classes from "./StateBadge.module.css";
import { type AnyState, lookOf } from "./states";

/** A state by its word, its sign and its colour, in this order of weight. */
export function StateBadge({ state, size = "md" }: { state: AnyState; size?: "sm" | "md" | "lg" }) {
  const { label, color, icon: Icon } = lookOf(state);
  return (
    <Badge
      variant="light"
      color={color}
      size={size}
      tt="none"
      classNames={{ root: classes.root }}
      leftSection={<Icon size={13} aria-hidden className={state === "running" ? classes.turning : undefined} />}
    >
      {label}
    </Badge>
  );
}
