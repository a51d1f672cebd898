import { Stack, Text } from "@mantine/core";
import { RunDuration } from "../../nouns/run/RunDuration";
import { StateBadge } from "../../nouns/run/StateBadge";
import { badgeStateOf, type Run } from "../../nouns/run/states";
import { TriggerText } from "../../nouns/run/TriggerText";
import { waitingText } from "../../nouns/run/waiting";
import type { Column } from "../../ui/ListTable";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";

export const columns: Column<Run>[] = [
  {
    label: "Run",
    cell: (run) => (
      <Stack gap={0}>
        <TextLink to="/runs/$runId" params={{ runId: run.id }} fw={600} style={{ overflowWrap: "break-word" }}>
          {run.action.title || run.action.name}
        </TextLink>
        <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: "anywhere" }}>
          {run.id}
        </Text>
      </Stack>
    ),
  },
  { label: "State", cell: (run) => <StateBadge state={badgeStateOf(run)} /> },
  {
    label: "Why",
    isSide: true,
    cell: (run) => (
      <Text size="sm" lineClamp={2}>
        {run.reason_text ?? waitingText(run.waiting_for)}
      </Text>
    ),
  },
  { label: "Asked for by", isSide: true, cell: (run) => <TriggerText trigger={run.trigger} /> },
  { label: "When", cell: (run) => <RelativeTime at={run.created_at} /> },
  { label: "Took", isSide: true, cell: (run) => <RunDuration run={run} /> },
];
