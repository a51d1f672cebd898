import { List, Skeleton, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { explanationQuery } from "../../nouns/run/queries";
import type { Run } from "../../nouns/run/states";
import { entryText } from "../../nouns/run/timeline";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { RelativeTime } from "../../ui/RelativeTime";
import { UnfoldButton } from "../../ui/UnfoldButton";
import { RunNotifications } from "./RunNotifications";

/** Why a run went as it did, in sentences, and behind a button everything that happened to it, in order. */
export function Explanation({ run }: { run: Run }) {
  const { data, error, isPending, refetch } = useQuery(explanationQuery(run.id));
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Stack>
      {error === null ? null : <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {isPending ? <Skeleton height={90} /> : null}
      <List spacing={4}>
        {data?.sentences.map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
      <RunNotifications runId={run.id} />
      <UnfoldButton isOpen={isOpen} onToggle={() => setIsOpen(!isOpen)}>
        All that happened, in order
      </UnfoldButton>
      {isOpen ? <Timeline entries={run.timeline} /> : null}
    </Stack>
  );
}

function Timeline({ entries }: { entries: Run["timeline"] }) {
  return (
    <Table aria-label="Timeline" verticalSpacing={4}>
      <Table.Tbody>
        {entries.map((entry) => (
          <Table.Tr key={entry.seq}>
            <Table.Td w={110}>
              <RelativeTime at={entry.at} />
            </Table.Td>
            <Table.Td>
              {entryText(entry)}
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
  );
}
