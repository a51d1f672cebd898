import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Schemas } from "../../api/client";
import { type PageOf, pagedQuery } from "../../api/paging";

export type Version = Schemas["Version"];
export type WholeVersion = Schemas["WholeVersion"];

/** Every kind of definition, as the API's addresses call it. */
export type DefinedKind = VersionedKind | "provider-groups" | "secrets";

/** The kinds whose versions have a page, as the API's addresses call them. */
export type VersionedKind =
  | "actions"
  | "providers"
  | "schedules"
  | "maintenance-windows"
  | "channels"
  | "alert-rules"
  | "integrations";

const PAGE = 20;

/** Every version of what has or had a name, the newest first. */
export function versionsQuery(kind: VersionedKind, name: string) {
  return pagedQuery(["get", `/api/v1/${kind}/{name}/versions`, name], async (cursor): Promise<PageOf<Version>> => {
    const { data } = await client.GET(`/api/v1/${kind}/{name}/versions`, {
      params: { path: { name }, query: { limit: PAGE, cursor } },
    });
    return data ?? { items: [], next: null };
  });
}

/** One version, and what it changes of another; neither ever changes itself. */
export function comparisonQuery(kind: DefinedKind, name: string, number: number, against: number) {
  return queryOptions({
    queryKey: ["get", `/api/v1/${kind}/{name}/versions/{number}`, name, number, against],
    queryFn: async (): Promise<WholeVersion> => {
      const { data } = await client.GET(`/api/v1/${kind}/{name}/versions/{number}`, {
        params: { path: { name, number }, query: { against } },
      });
      if (data === undefined) {
        throw new Error("The version is empty.");
      }
      return data;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

interface Restoration {
  number: number;
  note: string;
  /** The version that was the newest for whoever restores; none where the thing was deleted. */
  over: number | null;
}

/** Store what a version says once more, as the newest, where nobody has changed it meanwhile. */
export function useRestore(kind: VersionedKind, name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ number, note, over }: Restoration) =>
      client.POST(`/api/v1/${kind}/{name}/versions/{number}/restore`, {
        params: {
          path: { name, number },
          query: { note },
          header: over === null ? {} : { "if-match": `"${over}"` },
        },
      }),
    // It stands in lists, in counts, in plans: of a deed as rare as this all is read anew.
    onSuccess: () => queries.invalidateQueries(),
  });
}
