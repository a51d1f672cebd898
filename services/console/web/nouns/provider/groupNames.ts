import { queryOptions } from "@tanstack/react-query";
import { client } from "../../api/client";
import { readAll } from "../../api/paging";

const MOST = 2_000;

/** The names of the provider groups, for a field that takes one. */
export const groupNamesQuery = queryOptions({
  queryKey: ["get", "/api/v1/provider-groups", "suggestions"],
  queryFn: async () => {
    const groups = await readAll(MOST, async (query) => (await client.GET("/api/v1/provider-groups", query)).data);
    return groups.map(({ name }) => name);
  },
  staleTime: 60_000,
});
