import type { LucideIcon } from "lucide-react";
import { type BadgeColor, SoftBadge } from "./SoftBadge";

/** How a state of something is shown, wherever it is. */
export interface Look {
  label: string;
  color: BadgeColor;
  icon: LucideIcon;
}

interface LookBadgeProps {
  look: Look;
  size?: "sm" | "md" | "lg";
  /** Of its sign. */
  signClass?: string | undefined;
}

/** A state of something by its word, its sign and its colour, in this order of weight. */
export function LookBadge({ look: { label, color, icon: Icon }, size = "md", signClass }: LookBadgeProps) {
  return (
    <SoftBadge color={color} size={size} icon={<Icon size={13} aria-hidden className={signClass} />}>
      {label}
    </SoftBadge>
  );
}
