import { useEffect, useMemo, useState } from "react";
import { asProblem, type Problem } from "../../api/problem";
import { readStored } from "../../output/reading";
import { OutputStore } from "../../output/store";

export interface RunOutputState {
  store: OutputStore;
  /** It comes with the run's events, as the run was under way when the page opened. */
  isStreamed: boolean;
  isRead: boolean;
  problem: Problem | null;
}

/** The output of a run: what its stream brings while it is under way, what is stored where it has ended. */
export function useRunOutput(runId: string, isUnderWay: boolean): RunOutputState {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another run has another output
  const store = useMemo(() => new OutputStore(), [runId]);
  // How it was when the page opened: a stream that has brought all is not read again once the run has ended.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const isStreamed = useMemo(() => isUnderWay, [runId]);
  const [state, setState] = useState<{ isRead: boolean; problem: Problem | null }>({ isRead: false, problem: null });
  useEffect(() => {
    if (isStreamed) {
      return;
    }
    const letGo = new AbortController();
    readStored(runId, store, {}, letGo.signal).then(
      () => setState({ isRead: true, problem: null }),
      (error: unknown) => letGo.signal.aborted || setState({ isRead: true, problem: asProblem(error) }),
    );
    return () => letGo.abort();
  }, [runId, store, isStreamed]);
  return { store, isStreamed, ...state };
}
