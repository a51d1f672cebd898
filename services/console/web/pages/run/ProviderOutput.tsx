import { Stack, Text } from "@mantine/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { asProblem, type Problem } from "../../api/problem";
import type { RunStep } from "../../nouns/run/states";
import { OutputView } from "../../output/OutputView";
import { readWhileUnderWay } from "../../output/reading";
import { OutputStore } from "../../output/store";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { NoSuchPart } from "./NoSuchPart";
import { noSuchMachine } from "./noSuch";

interface ProviderOutputProps {
  runId: string;
  step: RunStep;
  provider: string;
  isOver: boolean;
  /** That the output is deleted, where it is. */
  deleted: string | null;
  find: string;
  onFind: (text: string) => void;
  line: number | null;
  onLine: (line: number) => void;
}

/** What a step printed on one of its machines; it is asked for, as the run's events carry it for no step on many. */
export function ProviderOutput({ runId, step: of, provider, isOver, deleted, ...view }: ProviderOutputProps) {
  const step = of.name;
  const store = useMemo(() => new OutputStore(), []);
  const nothing = deleted ?? "It printed nothing.";
  const over = useRef(isOver);
  over.current = isOver;
  const [isWhole, setIsWhole] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    const letGo = new AbortController();
    readWhileUnderWay(runId, store, { step, provider }, letGo.signal, () => over.current).then(
      () => letGo.signal.aborted || setIsWhole(true),
      (error: unknown) => letGo.signal.aborted || setProblem(asProblem(error)),
    );
    return () => letGo.abort();
  }, [runId, step, provider, store]);
  if (problem?.status === 422) {
    return <NoSuchPart runId={runId} noSuch={noSuchMachine(of, provider)} />;
  }
  return (
    <Stack gap="xs">
      <Text fw={600}>{provider}</Text>
      {problem === null ? null : <ProblemAlert error={problem} />}
      <OutputView
        store={store}
        selection={{ step, provider }}
        isLive={!isOver}
        isWhole={isWhole}
        hasFailed={false}
        runId={runId}
        empty={isWhole ? nothing : isOver ? "The output is being read …" : "Nothing was printed yet."}
        {...view}
      />
    </Stack>
  );
}
