import { api, client, type Schemas } from "../../api/client";
import { pagedQuery } from "../../api/paging";

export type AlertRule = Schemas["AlertRule"];

const PAGE = 100;

/** Every rule, in the order in which they are asked; those that actions own come last. */
export const alertRulesQuery = pagedQuery(["get", "/api/v1/alert-rules", "pages"], async (cursor) => {
  const { data } = await client.GET("/api/v1/alert-rules", { params: { query: { limit: PAGE, cursor } } });
  return data ?? { items: [], next: null };
});

export function alertRuleQuery(name: string) {
  return api.queryOptions("get", "/api/v1/alert-rules/{name}", { params: { path: { name } } });
}
