import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { byAction, goneSince } from "../run/byAction";
import { runningRunsQuery } from "../run/running";
import type { Run } from "../run/states";
import { useReadAnew } from "./queries";

/** How a run ended stands in what is told of its action within seconds. */
const TRIES = 5;
const PAUSE = 1_000;

/** What runs now, by action; what an action's runs tell is read anew whenever one of them has ended. */
export function useLiveActions(): ReadonlyMap<string, Run[]> {
  const { data } = useQuery(runningRunsQuery);
  const readAnew = useReadAnew();
  const before = useRef<Run[]>([]);
  useEffect(() => {
    const now = data?.items ?? [];
    for (const run of goneSince(before.current, now)) {
      // Where it cannot be read what is shown stays; the list's next reading says what is wrong.
      untilTold(run, readAnew).catch(() => undefined);
    }
    before.current = now;
  }, [data, readAnew]);
  return useMemo(() => byAction(data?.items ?? []), [data]);
}

type ReadAnew = ReturnType<typeof useReadAnew>;

async function untilTold(run: Run, readAnew: ReadAnew): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const lastRun = (await readAnew(run.action.name))?.last_run;
    if (lastRun != null && new Date(lastRun.ended_at) >= new Date(run.created_at)) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
