import { queryOptions, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { client, type Schemas } from "../../api/client";
import { RequestKey } from "../../api/RequestKey";
import { useRunChanged } from "../run/queries";

export type Plan = Schemas["Plan"];
export type PlannedStep = Schemas["PlannedStep"];
export type PlannedInvocation = Schemas["PlannedInvocation"];
export type PlanRequest = Schemas["PlanBody"];
export type RunRequest = Schemas["RunBody"];

/**
 * What a run would do now. It is made once for what it is asked with, and anew only when somebody asks: a plan that
 * changes by itself under the eyes of whoever reads it would be run as something else than was read.
 */
export function planQuery(name: string, request: PlanRequest) {
  return queryOptions({
    queryKey: ["post", "/api/v1/actions/{name}/plan", name, request],
    queryFn: async () => {
      const { data } = await client.POST("/api/v1/actions/{name}/plan", { params: { path: { name } }, body: request });
      if (data === undefined) {
        throw new Error("The plan is empty.");
      }
      return data;
    },
    staleTime: Number.POSITIVE_INFINITY,
    // Secrets that were given by value stand in the key, and stay no longer than the page.
    gcTime: 0,
  });
}

/** Ask for a run; sent again, as its answer was lost, the same request starts no second one. */
export function useStartRun(name: string) {
  const changed = useRunChanged();
  const [key] = useState(() => new RequestKey());
  return useMutation({
    mutationFn: async (body: RunRequest) => {
      const { data } = await client.POST("/api/v1/actions/{name}/runs", {
        params: { path: { name }, header: { "idempotency-key": key.of(body) } },
        body,
      });
      key.forget();
      return data;
    },
    onSuccess: (run) => run && changed(run.id),
  });
}
