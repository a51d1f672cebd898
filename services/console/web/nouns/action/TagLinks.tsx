import { Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ActionFilters } from "./filters";
import classes from "./TagLinks.module.css";

interface TagLinksProps {
  tags: readonly string[];
  /** What else is asked of the actions that a tag leads to. */
  filters?: ActionFilters;
  most?: number;
}

/** An action's tags; each leads to all that have it. */
export function TagLinks({ tags, filters = {}, most = Number.POSITIVE_INFINITY }: TagLinksProps) {
  if (tags.length === 0) {
    return null;
  }
  return (
    <Group gap={4}>
      {tags.slice(0, most).map((tag) => (
        <Link key={tag} to="/actions" search={{ ...filters, tag }} className={classes.tag}>
          #{tag}
        </Link>
      ))}
      {tags.length > most ? (
        <span className={classes.tag} title={tags.slice(most).join(", ")}>
          and {tags.length - most} more
        </span>
      ) : null}
    </Group>
  );
}
