import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { runQuery } from "../../nouns/run/queries";
import { RunLine } from "../../nouns/run/RunLine";
import { hasEnded } from "../../nouns/run/states";
import { TextLink } from "../../ui/links";
import { Reading } from "../../ui/Reading";

const MOST = 20;
const LOOK_EVERY = 2_000;

/** The runs that an alert led to, each as it is now. */
export function AlertRuns({ runs }: { runs: readonly string[] }) {
  const newest = runs.toReversed().slice(0, MOST);
  if (newest.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing.
      </Text>
    );
  }
  return (
    <Stack gap={6}>
      {newest.map((runId) => (
        <AlertRun key={runId} runId={runId} />
      ))}
      {runs.length > MOST ? (
        <Text size="sm" c="dimmed">
          These are the newest {MOST} of {runs.length} runs.
        </Text>
      ) : null}
    </Stack>
  );
}

function AlertRun({ runId }: { runId: string }) {
  const { data: run, isPending } = useQuery({
    ...runQuery(runId),
    refetchInterval: ({ state }) => (state.data !== undefined && hasEnded(state.data.state) ? false : LOOK_EVERY),
  });
  if (run !== undefined) {
    return <RunLine run={run} showsAction />;
  }
  return isPending ? (
    <Reading height={24} label="The run is being read" />
  ) : (
    <TextLink to="/runs/$runId" params={{ runId }} size="sm">
      {runId}
    </TextLink>
  );
}
