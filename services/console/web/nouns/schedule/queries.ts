import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "../../api/asking";
import { api, client, type Schemas } from "../../api/client";
import { pagedQuery } from "../../api/paging";

export type Schedule = Schemas["Schedule"];
export type MaintenanceWindow = Schemas["MaintenanceWindow"];
export type Calendar = Schemas["Calendar"];
export type Fire = Schemas["Fire"];

const PAGE = 100;
const ALL_SCHEDULES = ["get", "/api/v1/schedules"] as const;

export const schedulesQuery = pagedQuery([...ALL_SCHEDULES, "pages"], async (cursor) => {
  const { data } = await client.GET("/api/v1/schedules", { params: { query: { limit: PAGE, cursor } } });
  return data ?? { items: [], next: null };
});

export const windowsQuery = pagedQuery(["get", "/api/v1/maintenance-windows", "pages"], async (cursor) => {
  const { data } = await client.GET("/api/v1/maintenance-windows", { params: { query: { limit: PAGE, cursor } } });
  return data ?? { items: [], next: null };
});

export function scheduleQuery(name: string) {
  return api.queryOptions("get", "/api/v1/schedules/{name}", { params: { path: { name } } });
}

/** Its next fire times, as the scheduler has them. */
export function fireTimesQuery(name: string) {
  return api.queryOptions("get", "/api/v1/schedules/{name}/next", { params: { path: { name } } });
}

/** What it did lately. */
export function firesQuery(name: string) {
  return api.queryOptions("get", "/api/v1/schedules/{name}/fires", { params: { path: { name } } });
}

export function windowQuery(name: string) {
  return api.queryOptions("get", "/api/v1/maintenance-windows/{name}", { params: { path: { name } } });
}

/** What comes by itself between two instants. */
export function calendarQuery(from: string, until: string) {
  return {
    ...api.queryOptions("get", "/api/v1/calendar", { params: { query: { from, until } } }),
    refetchInterval: askAgain(60_000),
  };
}

/** In milliseconds: with a new minute there may be another next one. */
const LOOK_AHEAD_EVERY = 30_000;
const MOST_AHEAD = 50;

/** The schedules that fire first in the next month, each with its next fire time, in the order of these. */
export const comingQuery = queryOptions({
  queryKey: ["get", "/api/v1/calendar", "coming"],
  queryFn: async () => {
    const query = { of_each: 1, limit: MOST_AHEAD };
    const { data } = await client.GET("/api/v1/calendar", { params: { query } });
    return (data?.schedules ?? [])
      .flatMap(({ name, action, owner, fire_times: [at] }) => (at === undefined ? [] : [{ name, action, owner, at }]))
      .sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  },
  refetchInterval: askAgain(LOOK_AHEAD_EVERY),
});

/** The next ten fire times of what is not saved yet, given as JSON with whatever was typed. */
export function previewQuery(times: string) {
  return queryOptions({
    queryKey: ["post", "/api/v1/schedules/preview", times],
    queryFn: async ({ signal }) => {
      const body: Schemas["SchedulePreview"] = JSON.parse(times);
      const { data } = await client.POST("/api/v1/schedules/preview", { body, signal });
      return data;
    },
    placeholderData: keepPreviousData,
    // The first of them is over before long.
    refetchInterval: askAgain(30_000),
    gcTime: 0,
  });
}

/** Let a schedule fire, or no more, over the version that was read. */
export function useEnableSchedule(schedule: Schedule) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (enabled: boolean) =>
      client.PUT("/api/v1/schedules/{name}", {
        params: { path: { name: schedule.name }, header: { "if-match": `"${schedule.version}"` } },
        body: { ...schedule, enabled },
      }),
    onSuccess: async ({ data }) => {
      if (data !== undefined) {
        queries.setQueryData(scheduleQuery(data.name).queryKey, data);
      }
      await queries.invalidateQueries({ queryKey: ALL_SCHEDULES });
      await queries.invalidateQueries({ queryKey: fireTimesQuery(schedule.name).queryKey });
    },
  });
}
