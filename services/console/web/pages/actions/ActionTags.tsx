import { Group } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import classes from "./ActionTags.module.css";

const route = getRouteApi("/signed-in/actions");
const MOST = 4;

/** An action's tags; each leads to all that have it. */
export function ActionTags({ tags }: { tags: readonly string[] }) {
  const filters = route.useSearch();
  if (tags.length === 0) {
    return null;
  }
  return (
    <Group gap={4}>
      {tags.slice(0, MOST).map((tag) => (
        <Link key={tag} to="/actions" search={{ ...filters, tag }} className={classes.tag}>
          #{tag}
        </Link>
      ))}
      {tags.length > MOST ? (
        <span className={classes.tag} title={tags.slice(MOST).join(", ")}>
          and {tags.length - MOST} more
        </span>
      ) : null}
    </Group>
  );
}
