import { List, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { explanationQuery } from "../../nouns/run/queries";
import type { Run } from "../../nouns/run/states";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RelativeTime } from "../../ui/RelativeTime";

/** Why a run went as it did, in sentences, and everything that happened to it, in order. */
export function Explanation({ run }: { run: Run }) {
  const { data, error, isPending, refetch } = useQuery(explanationQuery(run.id));
  return (
    <Stack>
      {error === null ? null : <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {isPending ? <Skeleton height={90} /> : null}
      <List spacing={4}>
        {data?.sentences.map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
      <Title order={2} size="h5">
        In order
      </Title>
      <Table aria-label="Timeline" verticalSpacing={4}>
        <Table.Tbody>
          {run.timeline.map((entry) => (
            <Table.Tr key={entry.seq}>
              <Table.Td w={110}>
                <RelativeTime at={entry.at} />
              </Table.Td>
              <Table.Td>
                <Text size="sm" ff="monospace" span>
                  {entry.event}
                </Text>
                {entry.step === null ? null : ` ${entry.step}`}
                {entry.attempt === null ? null : `, attempt ${entry.attempt}`}
                {entry.state === null ? null : ` → ${entry.state}`}
                {entry.by === null ? null : ` by ${entry.by}`}
                {entry.text === null ? null : (
                  <Text size="sm" c="dimmed">
                    {entry.text}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
