import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, client, type Schemas } from "../../api/client";
import { pagedQuery } from "../../api/paging";
import { RequestKey } from "../../api/RequestKey";
import type { RunState } from "./states";

export interface RunFilters {
  action?: string | undefined;
  state?: RunState[] | undefined;
  trigger?: Schemas["Trigger"]["kind"] | undefined;
  provider?: string | undefined;
  /** Who or what asked: a token, an alert rule, a schedule. */
  by?: string | undefined;
  /** Words, all of which stand in what people wrote of the run or in what it was given. */
  text?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

const PAGE = 50;
/** On one page, by the API. */
const MOST = 200;

/** Every list and count of runs is stale once one has changed. */
const ALL_RUNS = ["get", "/api/v1/runs"] as const;

export function runsQuery(filters: RunFilters) {
  return pagedQuery([...ALL_RUNS, "pages", filters], async (cursor) => {
    const { data } = await client.GET("/api/v1/runs", { params: { query: { ...filters, limit: PAGE, cursor } } });
    return data ?? { items: [], next: null };
  });
}

/** The newest ones only, for a look at what goes on. */
export function newestRunsQuery(filters: RunFilters, limit: number) {
  return api.queryOptions("get", "/api/v1/runs", { params: { query: { ...filters, limit } } });
}

export function runQuery(runId: string) {
  return api.queryOptions("get", "/api/v1/runs/{run_id}", { params: { path: { run_id: runId } } });
}

export function explanationQuery(runId: string) {
  return api.queryOptions("get", "/api/v1/runs/{run_id}/explain", { params: { path: { run_id: runId } } });
}

export function useRunChanged() {
  const queries = useQueryClient();
  return (runId: string) =>
    Promise.all([
      queries.invalidateQueries({ queryKey: runQuery(runId).queryKey }),
      queries.invalidateQueries({ queryKey: explanationQuery(runId).queryKey }),
      queries.invalidateQueries({ queryKey: ALL_RUNS }),
    ]);
}

type Control = "cancel" | "pause" | "resume";

/** Tell a run to end, to hold before its next step, or to go on. */
export function useControl(runId: string) {
  const changed = useRunChanged();
  return useMutation({
    mutationFn: ({ control, comment }: { control: Control; comment: string }) =>
      client.POST(`/api/v1/runs/{run_id}/${control}`, { params: { path: { run_id: runId } }, body: { comment } }),
    onSuccess: () => changed(runId),
  });
}

/** Let a run pass the maintenance windows that hold it; the server wants to know why. */
export function useOverride(runId: string) {
  const changed = useRunChanged();
  return useMutation({
    mutationFn: (comment: string) =>
      client.POST("/api/v1/runs/{run_id}/override", { params: { path: { run_id: runId } }, body: { comment } }),
    onSuccess: () => changed(runId),
  });
}

/** Ask for a run again; sent once more, as its answer was lost, the same request starts no second one. */
export function useRerun(runId: string) {
  const queries = useQueryClient();
  const [key] = useState(() => new RequestKey());
  return useMutation({
    mutationFn: async (body: Schemas["RerunBody"]) => {
      const { data } = await client.POST("/api/v1/runs/{run_id}/rerun", {
        params: { path: { run_id: runId }, header: { "idempotency-key": key.of(body) } },
        body,
      });
      key.forget();
      return data;
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ALL_RUNS }),
  });
}

/** The machines of a step, page by page. */
export function invocationsQuery(runId: string, step: string) {
  return pagedQuery(["get", "/api/v1/runs/{run_id}/steps/{step}/invocations", runId, step], async (cursor) => {
    const { data } = await client.GET("/api/v1/runs/{run_id}/steps/{step}/invocations", {
      params: { path: { run_id: runId, step }, query: { limit: MOST, cursor } },
    });
    return data ?? { items: [], next: null };
  });
}
