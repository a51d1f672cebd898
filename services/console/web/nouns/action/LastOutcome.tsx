import { Group, Text } from "@mantine/core";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";
import { StateBadge } from "../run/StateBadge";
import type { LastRun } from "./queries";

/** How the run of an action ended that ended last, and when; it leads to that run. */
export function LastOutcome({ run }: { run: LastRun | null }) {
  if (run === null) {
    return (
      <Text span size="sm" c="dimmed">
        never run
      </Text>
    );
  }
  return (
    <TextLink to="/runs/$runId" params={{ runId: run.id }} underline="never" c="inherit" display="inline-block">
      <Group gap={6} wrap="nowrap" mih={24}>
        <StateBadge state={run.state} size="sm" />
        <Text span size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
          <RelativeTime at={run.ended_at} />
        </Text>
      </Group>
    </TextLink>
  );
}
