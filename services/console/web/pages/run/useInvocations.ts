import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { itemsOf } from "../../api/paging";
import { invocationsQuery } from "../../nouns/run/queries";
import type { RunStep } from "../../nouns/run/states";

const LOOK_EVERY = 2_000;

/** All machines of a step with their states, read again while it runs: its counts alone come with the run's events. */
export function useInvocations(runId: string, step: RunStep) {
  const isUnderWay = step.ended_at === null && step.state !== "skipped";
  const query = useInfiniteQuery({
    ...invocationsQuery(runId, step.name),
    refetchInterval: isUnderWay ? LOOK_EVERY : false,
  });
  const { hasNextPage, isFetching, fetchNextPage, refetch } = query;
  useEffect(() => {
    if (hasNextPage && !isFetching) {
      void fetchNextPage();
    }
  }, [hasNextPage, isFetching, fetchNextPage]);
  // What was read while the step ran is older than its end.
  useEffect(() => {
    if (!isUnderWay) {
      void refetch();
    }
  }, [isUnderWay, refetch]);
  const invocations = useMemo(() => itemsOf(query.data), [query.data]);
  return {
    invocations,
    error: query.error,
    isPending: query.isPending,
    refetch: () => void refetch(),
  };
}
