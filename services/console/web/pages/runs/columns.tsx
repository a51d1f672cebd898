import { Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { RunDuration } from "../../nouns/run/RunDuration";
import { StateBadge } from "../../nouns/run/StateBadge";
import { badgeStateOf, type Run } from "../../nouns/run/states";
import { TriggerText } from "../../nouns/run/TriggerText";
import { waitingText } from "../../nouns/run/waiting";
import type { Column } from "../../ui/ListTable";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";

/** What each line is told by; it is always there. */
const RUN: Column<Run> = {
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
};

const CHOSEN: readonly Column<Run>[] = [
  { label: "State", cell: (run) => <StateBadge state={badgeStateOf(run)} /> },
  { label: "Why", cell: whyOf },
  { label: "Asked for by", isSide: true, cell: (run) => <TriggerText trigger={run.trigger} /> },
  { label: "When", cell: (run) => <RelativeTime at={run.created_at} /> },
  { label: "Took", cell: tookOf },
  { label: "Version", isSide: true, cell: (run) => run.action.version },
  { label: "Steps", isSide: true, cell: ({ progress }) => `${progress.done} of ${progress.total}` },
  { label: "Started", isSide: true, cell: ({ started_at }) => started_at && <RelativeTime at={started_at} /> },
  { label: "Ended", isSide: true, cell: ({ ended_at }) => ended_at && <RelativeTime at={ended_at} /> },
  {
    label: "Note",
    isSide: true,
    cell: ({ trigger }) => (
      <Text size="sm" lineClamp={2} style={{ overflowWrap: "anywhere" }}>
        {trigger.note}
      </Text>
    ),
  },
];

function whyOf(run: Run): ReactNode {
  const why = run.reason_text ?? waitingText(run.waiting_for);
  return why === "" ? null : (
    <Text size="sm" lineClamp={2} style={{ overflowWrap: "anywhere" }}>
      {why}
    </Text>
  );
}

/** On a phone there is no head that would say what a length of time is of. */
function tookOf(run: Run): ReactNode {
  return run.started_at === null ? null : (
    <>
      <Text span size="sm" c="dimmed" hiddenFrom="sm">
        {run.ended_at === null ? "for " : "took "}
      </Text>
      <RunDuration run={run} />
    </>
  );
}

/** What may be chosen, in the order in which it is shown. */
export const LABELS: readonly string[] = CHOSEN.map(({ label }) => label);
/** What is shown where nobody has chosen. */
export const FIRST: readonly string[] = ["State", "Why", "Asked for by", "When", "Took"];

export function columnsOf(shown: readonly string[]): Column<Run>[] {
  return [RUN, ...CHOSEN.filter(({ label }) => shown.includes(label))];
}
