import { getRouteApi } from "@tanstack/react-router";
import { TagLinks } from "../../nouns/action/TagLinks";

const route = getRouteApi("/signed-in/actions");
const MOST = 4;

/** The tags of a listed action; each leaves of this list those that have it. */
export function ActionTags({ tags }: { tags: readonly string[] }) {
  return <TagLinks tags={tags} filters={route.useSearch()} most={MOST} />;
}
