import type { ReactNode } from "react";
import classes from "./SoftBadge.module.css";

export type BadgeColor = "blue" | "cyan" | "grape" | "gray" | "orange" | "red" | "teal" | "yellow";

interface SoftBadgeProps {
  color: BadgeColor;
  size?: "sm" | "md" | "lg";
  /** With it the word is never cut, however narrow the badge stands. */
  icon?: ReactNode;
  children: string;
}

/** A word on a tint of its colour, legible in both schemes; a plain element, as long lists have many. */
export function SoftBadge({ color, size = "md", icon, children }: SoftBadgeProps) {
  const look = icon === undefined ? classes.badge : `${classes.badge} ${classes.signed}`;
  return (
    <span className={`${look} ${classes[size]} ${classes[color]}`}>
      {icon}
      {children}
    </span>
  );
}
