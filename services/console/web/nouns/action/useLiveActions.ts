import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { byAction, goneSince } from "../run/byAction";
import { newestRunsQuery } from "../run/queries";
import { runningRunsQuery } from "../run/running";
import type { Run } from "../run/states";
import { type ListedAction, useReadAnew } from "./queries";
import { untold } from "./untold";

/** How a run ended stands in what is told of its action within seconds. */
const TRIES = 5;
const PAUSE = 1_000;
/** As many may have ended in the moment before a page is opened. */
const MOST_JUST_ENDED = 50;

/**
 * What runs now, by action; what an action's runs tell is read anew whenever one of them has ended, and where `actions`
 * were read before they were told.
 */
export function useLiveActions(actions: readonly ListedAction[]): ReadonlyMap<string, Run[]> {
  const { data } = useQuery(runningRunsQuery);
  const readAnew = useReadAnew();
  const before = useRef<Run[]>([]);
  useEffect(() => {
    const now = data?.items ?? [];
    for (const run of goneSince(before.current, now)) {
      // Where it cannot be read what is shown stays; the list's next reading says what is wrong.
      untilTold(run.action.name, readAnew, (action) => knowsOf(action, run)).catch(() => undefined);
    }
    before.current = now;
  }, [data, readAnew]);
  const live = useMemo(() => byAction(data?.items ?? []), [data]);
  useTellUntold(actions, data === undefined || data.next !== null ? null : live, readAnew);
  return live;
}

type ReadAnew = ReturnType<typeof useReadAnew>;

/** Once for each action, as from then on it is seen when one of its runs ends. */
function useTellUntold(
  actions: readonly ListedAction[],
  running: ReadonlyMap<string, Run[]> | null,
  readAnew: ReadAnew,
): void {
  const { data } = useQuery({ ...newestRunsQuery({}, MOST_JUST_ENDED), staleTime: 0 });
  const asked = useRef(new Set<string>());
  useEffect(() => {
    if (data === undefined) {
      return;
    }
    for (const name of untold(actions, running, data.items)) {
      if (!asked.current.has(name)) {
        asked.current.add(name);
        const isTold = (action: ListedAction) => untold([action], running, data.items).length === 0;
        untilTold(name, readAnew, isTold).catch(() => undefined); // as above
      }
    }
  }, [actions, running, data, readAnew]);
}

function knowsOf({ last_run: lastRun }: ListedAction, run: Run): boolean {
  return lastRun !== null && new Date(lastRun.ended_at) >= new Date(run.created_at);
}

/** Read an action until it has been told; one that is gone need not be. */
async function untilTold(name: string, readAnew: ReadAnew, isTold: (action: ListedAction) => boolean): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const action = await readAnew(name);
    if (action === undefined || isTold(action)) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
