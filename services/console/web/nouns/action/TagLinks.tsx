import { RowLink } from "../../ui/RowLink";
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
    <div className={classes.tags}>
      {tags.slice(0, most).map((tag) => (
        <RowLink
          key={tag}
          to="/actions"
          search={{ ...filters, tag }}
          className={classes.tag}
          aria-current={filters.tag === tag ? "page" : undefined}
        >
          #{tag}
        </RowLink>
      ))}
      {tags.length > most ? (
        <span className={classes.tag} title={tags.slice(most).join(", ")}>
          and {tags.length - most} more
        </span>
      ) : null}
    </div>
  );
}
