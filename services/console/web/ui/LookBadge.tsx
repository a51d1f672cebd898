import type { LucideIcon } from "lucide-react";
import { SoftBadge } from "./SoftBadge";

interface LookBadgeProps {
  look: { label: string; color: string; icon: LucideIcon };
  size?: "sm" | "md" | "lg";
}

/** What something is, by its word, its sign and its colour. */
export function LookBadge({ look: { label, color, icon: Icon }, size = "md" }: LookBadgeProps) {
  return (
    <SoftBadge color={color} size={size} miw="max-content" leftSection={<Icon size={13} aria-hidden />}>
      {label}
    </SoftBadge>
  );
}
