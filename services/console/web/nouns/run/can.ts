import { useRefusal } from "../session/can";
import { hasEnded, type Run } from "./states";

export interface RunRefusals {
  cancel: string | null;
  pause: string | null;
  resume: string | null;
  rerun: string | null;
  rerunFromFailed: string | null;
  rerunFailedProviders: string | null;
}

/** Why each thing may not be asked of a run now; null where it may. The server has the last word. */
export function useRunRefusals(run: Run): RunRefusals {
  const cancel = useRefusal("runs.cancel");
  const pause = useRefusal("runs.pause");
  const start = useRefusal("runs.write");
  const ended = hasEnded(run.state) ? "The run has ended." : null;
  const underWay = hasEnded(run.state) ? null : "The run is still under way.";
  const wasWide = run.steps.some(({ failed_providers }) => failed_providers.length > 0);
  const hasRest = run.state === "failed" || run.state === "cancelled" || run.state === "unknown";
  return {
    cancel: cancel ?? ended ?? (run.cancel_requested ? "It is being cancelled." : null),
    pause: pause ?? ended ?? (run.paused === null ? null : "It is paused."),
    resume: pause ?? ended ?? (run.paused === null ? "It is not paused." : null),
    rerun: start ?? underWay,
    rerunFromFailed: start ?? underWay ?? (hasRest ? null : "No step of it failed."),
    rerunFailedProviders: start ?? underWay ?? (wasWide ? null : "It failed on none of many machines."),
  };
}
