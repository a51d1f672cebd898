import { Stack } from "@mantine/core";
import { getRouteApi, useLocation } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { hasEnded, type Run } from "../../nouns/run/states";
import { lineOf } from "../../output/lineAddress";
import { OutputView } from "../../output/OutputView";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { bringOutput } from "./bringOutput";
import { deletedText, emptyText } from "./emptyText";
import { NoSuchPart } from "./NoSuchPart";
import { noSuchOf } from "./noSuch";
import { ProviderGrid } from "./ProviderGrid";
import { ProviderOutput } from "./ProviderOutput";
import type { RunOutputState } from "./useRunOutput";

const route = getRouteApi("/signed-in/runs/$runId");

/** The output of what is chosen: all of it, a step's, an attempt's; of a step on many machines, that of one of them. */
export function RunOutput({ run, output }: { run: Run; output: RunOutputState }) {
  const { step: name, attempt, provider, find = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const hash = useLocation({ select: (location) => location.hash });
  const step = run.steps.find((candidate) => candidate.name === name);
  useOpeningAtLine(lineOf(hash) !== null);
  const view = {
    find,
    onFind: (text: string) =>
      void navigate({
        search: (before) => ({ ...before, find: text || undefined }),
        hash: true,
        replace: true,
        resetScroll: false,
      }),
    line: lineOf(hash),
    onLine: (line: number) => void navigate({ search: true, hash: `L${line}`, replace: true, resetScroll: false }),
  };
  const noSuch = noSuchOf(run, { step: name, attempt, provider });
  if (noSuch !== null) {
    return <NoSuchPart runId={run.id} noSuch={noSuch} />;
  }
  if (step?.invocations != null) {
    return (
      <Stack>
        <ProviderGrid runId={run.id} step={step} chosen={provider} />
        {provider === undefined ? null : (
          <ProviderOutput
            key={`${step.name} ${provider}`}
            runId={run.id}
            step={step}
            provider={provider}
            isOver={hasEnded(run.state) || step.ended_at !== null}
            deleted={deletedText(run)}
            {...view}
          />
        )}
      </Stack>
    );
  }
  const isLive = !hasEnded(run.state);
  return (
    <Stack>
      {output.problem === null ? null : <ProblemAlert error={output.problem} />}
      <OutputView
        key={`${name} ${attempt}`}
        store={output.store}
        selection={{ step: name, attempt }}
        isLive={isLive}
        isWhole={!isLive && (output.isRead || output.isStreamed)}
        hasFailed={step === undefined ? run.state === "failed" : step.state === "failed"}
        runId={run.id}
        empty={emptyText(run, step, isLive || output.isRead || output.isStreamed)}
        {...view}
      />
    </Stack>
  );
}

/** Who opens the address of a line sees it on a phone, too, where the output lies below the window. */
function useOpeningAtLine(namesLine: boolean) {
  const [opensThere] = useState(namesLine);
  useEffect(() => {
    if (opensThere) {
      bringOutput();
    }
  }, [opensThere]);
}
