import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, client } from "../../api/client";
import { asProblem } from "../../api/problem";
import { ACTION_PAGES, patchAction } from "./queries";

export const quickAccessQuery = api.queryOptions("get", "/api/v1/quick-access");

const FAVOURITES = ["favourites"] as const;

/** Mark an action as a favourite, or not any more: it shows at once, and is taken back where the server refuses. */
export function useMarking(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationKey: FAVOURITES,
    // One after the other, so that what was clicked last is what stays.
    scope: { id: `favourite ${name}` },
    mutationFn: (isFavourite: boolean) => {
      const params = { params: { path: { action: name } } };
      return isFavourite
        ? client.PUT("/api/v1/favourites/{action}", params)
        : client.DELETE("/api/v1/favourites/{action}", params);
    },
    onMutate: (isFavourite) => patchAction(queries, name, { favourite: isFavourite }),
    onError: (error, isFavourite) => {
      patchAction(queries, name, { favourite: !isFavourite });
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
}

function isOfFavourites({ queryKey }: { queryKey: readonly unknown[] }): boolean {
  const filters = queryKey.at(-1);
  return typeof filters === "object" && filters !== null && "favourite" in filters && filters.favourite !== undefined;
}
