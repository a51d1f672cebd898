import { api, type Schemas } from "../../api/client";
import { firstOf } from "./days";

export type Statistics = Schemas["Statistics"];
export type DayStatistics = Schemas["DayStatistics"];

const LOOK_EVERY = 30_000;

/** How the runs of so many days went, today included, day by day; days are UTC's, as those of the API. */
export function statisticsQuery(days: number, now: Date = new Date(), action?: string) {
  const query = { since: firstOf(days, now), by: "day" as const, action };
  return { ...api.queryOptions("get", "/api/v1/statistics", { params: { query } }), refetchInterval: LOOK_EVERY };
}
