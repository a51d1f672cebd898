import { Badge, type BadgeProps } from "@mantine/core";
import classes from "./SoftBadge.module.css";

/** A word on a tint of its colour, legible in both schemes. */
export function SoftBadge(props: Omit<BadgeProps, "variant" | "tt" | "classNames">) {
  return <Badge {...props} variant="light" tt="none" classNames={{ root: classes.root }} />;
}
