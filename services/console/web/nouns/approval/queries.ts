import { useMutation, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "../../api/asking";
import { api, client, type Schemas } from "../../api/client";
import { pagedQuery } from "../../api/paging";
import { useRunChanged } from "../run/queries";

export type ApprovalItem = Schemas["ApprovalItem"];

const PAGE = 50;
/** On one page, by the API. */
const MOST = 200;
/** In milliseconds: others decide, too, and what has expired is to be seen. */
const LOOK_EVERY = 5_000;
const LOOK_ALL_THE_SAME_EVERY = 60_000;
const ALL_APPROVALS = ["get", "/api/v1/approvals"] as const;

/** What waits for people to decide, the newest runs first. */
export const approvalsQuery = {
  ...pagedQuery([...ALL_APPROVALS, "pages"], async (cursor) => {
    const { data } = await client.GET("/api/v1/approvals", { params: { query: { limit: PAGE, cursor } } });
    return data ?? { items: [], next: null };
  }),
  refetchInterval: LOOK_EVERY,
};

/** All of it, as far as one page goes, for whoever counts. */
export const pendingApprovalsQuery = {
  ...api.queryOptions("get", "/api/v1/approvals", { params: { query: { limit: MOST } } }),
  refetchInterval: LOOK_EVERY,
};

/** What one run waits for; nothing where it waits for nobody. Its stream tells when that is another; this is for lost ones. */
export function approvalOfRunQuery(runId: string) {
  return {
    ...api.queryOptions("get", "/api/v1/approvals", { params: { query: { run: runId } } }),
    refetchInterval: askAgain(LOOK_ALL_THE_SAME_EVERY),
  };
}

/** Every list and count of what waits is stale once somebody has decided, or something more waits. */
export function useApprovalsChanged() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ALL_APPROVALS });
}

/** What a run executes, which nothing changes. */
export function runPlanQuery(runId: string) {
  return api.queryOptions(
    "get",
    "/api/v1/runs/{run_id}/plan",
    { params: { path: { run_id: runId } } },
    { staleTime: Number.POSITIVE_INFINITY },
  );
}

interface Decision {
  decision: "approve" | "reject";
  comment: string;
}

/** Decide about what was looked at, and about nothing else: the plan of this digest, the step that waits. */
export function useDecide({ run_id, digest, step }: Pick<ApprovalItem, "run_id" | "digest" | "step">) {
  const approvalsChanged = useApprovalsChanged();
  const changed = useRunChanged();
  const readAnew = () => Promise.all([approvalsChanged(), changed(run_id)]);
  return useMutation({
    mutationFn: ({ decision, comment }: Decision) =>
      client.POST(`/api/v1/runs/{run_id}/${decision}`, {
        params: { path: { run_id } },
        body: { comment, digest: digest === "" ? null : digest, step: step ?? null },
      }),
    onSuccess: readAnew,
    // Where it was refused it is not any more as it is shown; why is said before that is read, which may take long.
    onError: () => void readAnew(),
  });
}
