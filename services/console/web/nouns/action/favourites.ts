import { notifications } from "@mantine/notifications";
import type { QueryClient } from "@tanstack/react-query";
import { api, client } from "../../api/client";
import { asProblem } from "../../api/problem";
import { ACTION_PAGES, patchAction } from "./queries";

export const quickAccessQuery = api.queryOptions("get", "/api/v1/quick-access");

const FAVOURITES = ["favourites"] as const;

/**
 * Mark an action as a favourite, or not any more: it shows at once, and is taken back where the server refuses. No hook,
 * as a list has a star in each of its rows.
 */
export function markFavourite(queries: QueryClient, name: string, isFavourite: boolean): void {
  const marking = queries.getMutationCache().build(queries, {
    mutationKey: FAVOURITES,
    // One after the other, so that what was clicked last is what stays.
    scope: { id: `favourite ${name}` },
    mutationFn: (marks: boolean) => {
      const params = { params: { path: { action: name } } };
      return marks
        ? client.PUT("/api/v1/favourites/{action}", params)
        : client.DELETE("/api/v1/favourites/{action}", params);
    },
    onMutate: (marks) => patchAction(queries, name, { favourite: marks }),
    onError: (error, marks) => {
      patchAction(queries, name, { favourite: !marks });
      notifications.show({ color: "red", title: "The star was not changed", message: asProblem(error).message });
    },
    onSettled: () => {
      if (queries.isMutating({ mutationKey: FAVOURITES }) > 1) {
        return;
      }
      return Promise.all([
        queries.invalidateQueries({ queryKey: quickAccessQuery.queryKey }),
        queries.invalidateQueries({ queryKey: ACTION_PAGES, predicate: isOfFavourites }),
      ]);
    },
  });
  marking.execute(isFavourite).catch(() => undefined); // `onError` has said it
}

function isOfFavourites({ queryKey }: { queryKey: readonly unknown[] }): boolean {
  const filters = queryKey.at(-1);
  return typeof filters === "object" && filters !== null && "favourite" in filters && filters.favourite !== undefined;
}
