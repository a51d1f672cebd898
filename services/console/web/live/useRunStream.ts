import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Schemas } from "../api/client";
import type { Problem } from "../api/problem";
import { useApprovalsChanged } from "../nouns/approval/queries";
import { runQuery, useRunChanged } from "../nouns/run/queries";
import type { Run } from "../nouns/run/states";
import type { OutputStore } from "../output/store";
import { afterRunEvent, afterStepEvent, tellsOfApproval } from "./runEvents";
import { EventStream, type StreamMessage, type StreamState, sleepWhileHidden } from "./stream";

interface Live {
  state: StreamState;
  why: Problem | null;
}

/** Follow a run that is under way: its state into the query cache, its output into the store. */
export function useRunStream(runId: string, isUnderWay: boolean, store: OutputStore): Live {
  const queries = useQueryClient();
  const changed = useRunChanged();
  const approvalsChanged = useApprovalsChanged();
  const [live, setLive] = useState<Live>({ state: "connecting", why: null });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a run is followed anew when it is another, not when it ends
  useEffect(() => {
    if (!isUnderWay) {
      return;
    }
    const { queryKey } = runQuery(runId);
    const stream = new EventStream(`/api/v1/runs/${encodeURIComponent(runId)}/events`, {
      onState: (state, why) => {
        setLive({ state, why });
        // Such as that nobody is signed in any more: reading the run says so where that is looked after.
        if (why !== null && !why.isPassing) {
          void changed(runId);
        }
      },
      onMessages: (messages) => {
        store.append(messages.filter(({ event }) => event === "output").map(({ data }) => JSON.parse(data)));
        const told = messages.filter(({ event }) => event !== "output");
        if (told.length > 0) {
          queries.setQueryData<Run>(queryKey, (run) => run && told.reduce(after, run));
        }
        // What a step waits for, and the timeline, are not in the stream.
        if (told.some(({ event }) => event === "run" || event === "end")) {
          void changed(runId);
        }
        if (told.some(({ event, data }) => event !== "step" && tellsOfApproval(JSON.parse(data)))) {
          void approvalsChanged();
        }
      },
    });
    const letGo = sleepWhileHidden(stream);
    void stream.run();
    return letGo;
  }, [runId, store]);
  return live;
}

function after(run: Run, { event, data }: StreamMessage): Run {
  if (event === "step") {
    return afterStepEvent(run, JSON.parse(data) as Schemas["StepEvent"]);
  }
  return event === "run" || event === "end" ? afterRunEvent(run, JSON.parse(data) as Schemas["RunEvent"]) : run;
}
