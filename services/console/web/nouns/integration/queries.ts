import { queryOptions } from "@tanstack/react-query";
import { api, client, type Schemas } from "../../api/client";
import { pagedQuery } from "../../api/paging";
import type { Delivery } from "../delivery/queries";

export type Integration = Schemas["Integration"];

const PAGE = 100;
/** Posts of a source among which those of its integrations are looked for. */
export const MOST_LOOKED_THROUGH = 200;

export const integrationsQuery = pagedQuery(["get", "/api/v1/integrations", "pages"], async (cursor) => {
  const { data } = await client.GET("/api/v1/integrations", { params: { query: { limit: PAGE, cursor } } });
  return data ?? { items: [], next: null };
});

export function integrationQuery(name: string) {
  return api.queryOptions("get", "/api/v1/integrations/{name}", { params: { path: { name } } });
}

/** The newest posts to a source, whatever became of them. */
export function postsQuery(source: string) {
  return queryOptions({
    queryKey: ["get", "/api/v1/deliveries", "newest", source],
    queryFn: async (): Promise<Delivery[]> => {
      const { data } = await client.GET("/api/v1/deliveries", {
        params: { query: { source, limit: MOST_LOOKED_THROUGH } },
      });
      return data?.items ?? [];
    },
    refetchInterval: LOOK_EVERY,
  });
}

const LOOK_EVERY = 10_000;
