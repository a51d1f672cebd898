import classes from "./StateBadge.module.css";
import { type AnyState, lookOf } from "./states";

/** A state by its sign, with its word for whoever has it read out. */
export function StateIcon({ state }: { state: AnyState }) {
  const { label, color, icon: Icon } = lookOf(state);
  return (
    <Icon
      size={18}
      role="img"
      aria-label={label}
      color={`light-dark(var(--mantine-color-${color}-8), var(--mantine-color-${color}-4))`}
      className={state === "running" ? classes.turning : undefined}
      style={{ flexShrink: 0 }}
    />
  );
}
