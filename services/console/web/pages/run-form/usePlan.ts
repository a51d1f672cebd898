import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type Plan, type PlanRequest, planQuery } from "../../nouns/action/plans";
import type { Action } from "../../nouns/action/queries";
import { bind, type Drafts, missingOf } from "../../parameters/drafts";

/** What is known of what a run would do. */
export type PlanState =
  | { is: "lacking"; titles: string[] }
  /** `old` is of the values before. */
  | { is: "pending"; old: Plan | undefined }
  | { is: "refused"; error: unknown }
  | { is: "ready"; plan: Plan };

const PAUSE = 300;

/** The plan of what stands in the form, made anew as it changes, once all that is needed is there. */
export function usePlan(action: Pick<Action, "name" | "parameters">, drafts: Drafts) {
  const asked = JSON.stringify(bind(action.parameters, drafts));
  const [settled] = useDebouncedValue(asked, PAUSE);
  const [checked, setChecked] = useState<string | null>(null);
  const request = useMemo(
    (): PlanRequest => ({ parameters: JSON.parse(settled), check_reachable: checked === settled }),
    [settled, checked],
  );
  const missing = missingOf(action.parameters, drafts);
  const isAsked = missing.length === 0 && asked === settled;
  const query = useQuery({
    ...planQuery(action.name, request),
    enabled: isAsked,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  const state = ((): PlanState => {
    if (missing.length > 0) {
      return { is: "lacking", titles: missing.map(({ name, title }) => title || name) };
    }
    if (!isAsked || query.isFetching || query.isPending) {
      return { is: "pending", old: query.data };
    }
    return query.data === undefined ? { is: "refused", error: query.error } : { is: "ready", plan: query.data };
  })();
  return {
    state,
    /** Stays while the next one is being made, so that what it says at the fields does not flicker. */
    error: missing.length > 0 ? null : query.error,
    makeAnew: () => void query.refetch(),
    checkReachable: () => setChecked(settled),
    hasChecked: checked === settled,
  };
}
