import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { newestRunsQuery } from "../../nouns/run/queries";
import { RunLine } from "../../nouns/run/RunLine";
import { TextLink } from "../../ui/links";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Reading } from "../../ui/Reading";
import { Section } from "../../ui/Section";

const MOST = 8;
const LOOK_EVERY = 5_000;

/** The newest runs of an action. */
export function LastRuns({ name }: { name: string }) {
  const runs = useQuery({ ...newestRunsQuery({ action: name }, MOST), refetchInterval: LOOK_EVERY });
  const items = runs.data?.items ?? [];
  return (
    <Section
      title="Last runs"
      beside={
        items.length === 0 ? null : (
          <TextLink to="/runs" search={{ action: name }} size="sm">
            All of its runs
          </TextLink>
        )
      }
    >
      {runs.isPending ? <Reading height={120} label="Its runs are being read" /> : null}
      {runs.isError ? <ProblemAlert error={runs.error} onRetry={() => void runs.refetch()} /> : null}
      {runs.isSuccess && items.length === 0 ? (
        <Text size="sm" c="dimmed">
          It has never run.
        </Text>
      ) : null}
      <Stack gap={6}>
        {items.map((run) => (
          <RunLine key={run.id} run={run} />
        ))}
      </Stack>
    </Section>
  );
}
