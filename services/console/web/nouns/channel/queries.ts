import { queryOptions, useMutation } from "@tanstack/react-query";
import { api, client, type Schemas } from "../../api/client";
import { pagedQuery, readAll } from "../../api/paging";

export type Channel = Schemas["Channel"];

const PAGE = 100;
/** Of more nobody looks through a list; a name can still be typed. */
const MOST_SUGGESTED = 1_000;
const ALL_CHANNELS = ["get", "/api/v1/channels"] as const;

export const channelsQuery = pagedQuery([...ALL_CHANNELS, "pages"], async (cursor) => {
  const { data } = await client.GET("/api/v1/channels", { params: { query: { limit: PAGE, cursor } } });
  return data ?? { items: [], next: null };
});

export function channelQuery(name: string) {
  return api.queryOptions("get", "/api/v1/channels/{name}", { params: { path: { name } } });
}

/** The names of the channels, for a field that takes one. */
export const channelNamesQuery = queryOptions({
  queryKey: [...ALL_CHANNELS, "suggestions"],
  queryFn: async () => {
    const channels = await readAll(MOST_SUGGESTED, async (query) => (await client.GET("/api/v1/channels", query)).data);
    return channels.map(({ name }) => name);
  },
  staleTime: 60_000,
});

/** Send a test notification now, and say how that went. */
export function useTestChannel(name: string) {
  return useMutation({
    mutationFn: () => client.POST("/api/v1/channels/{name}/test", { params: { path: { name } } }),
  });
}
