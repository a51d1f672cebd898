import { queryOptions } from "@tanstack/react-query";
import { api, client, type Schemas } from "../../api/client";
import { pagedQuery } from "../../api/paging";
import type { AlertSource } from "./sources";

/** What of an alert is one episode: from its first report until it is resolved. */
export type Episode = Schemas["Episode"];
export type Alert = Episode["alert"];
export type AlertStatus = Alert["status"];
export type Severity = Alert["severity"];
export type RuleDecision = Schemas["RuleDecision"];

export interface AlertFilters {
  status?: AlertStatus | undefined;
  source?: AlertSource | undefined;
  /** All episodes of one. */
  fingerprint?: string | undefined;
  /** Only those that are said to fire and were not heard of for long. */
  stale?: true | undefined;
}

const PAGE = 50;

export function alertsQuery({ stale, ...filters }: AlertFilters) {
  const query = { ...filters, stale: stale === true ? ("true" as const) : undefined };
  return pagedQuery(["get", "/api/v1/alerts", "pages", query], async (cursor) => {
    const { data } = await client.GET("/api/v1/alerts", { params: { query: { ...query, limit: PAGE, cursor } } });
    return data ?? { items: [], next: null };
  });
}

export function alertQuery(alertId: string) {
  return api.queryOptions("get", "/api/v1/alerts/{alert_id}", { params: { path: { alert_id: alertId } } });
}

/** The newest alerts, for whoever writes what alerts like them lead to. */
export const recentAlertsQuery = queryOptions({
  queryKey: ["get", "/api/v1/alerts", "recent"],
  queryFn: async (): Promise<Episode[]> => {
    const { data } = await client.GET("/api/v1/alerts", { params: { query: { limit: PAGE } } });
    return (data?.items ?? []).filter(({ alert }) => alert.status !== "unreadable");
  },
  staleTime: 60_000,
});
