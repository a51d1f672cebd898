import { Group, Text } from "@mantine/core";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";
import { RunDuration } from "./RunDuration";
import { StateBadge } from "./StateBadge";
import { badgeStateOf, type Run } from "./states";

interface RunLineProps {
  run: Run;
  /** Where the runs are of several actions. */
  showsAction?: boolean;
}

/** A run in a line that leads to it: how it went, when, how long, and who asked for it. */
export function RunLine({ run, showsAction = false }: RunLineProps) {
  return (
    <Group justify="space-between" gap="xs">
      <TextLink
        to="/runs/$runId"
        params={{ runId: run.id }}
        underline="hover"
        c="inherit"
        miw={0}
        flex="1 1 200px"
        py={2}
      >
        <Group gap="xs" wrap="nowrap">
          <StateBadge state={badgeStateOf(run)} size="sm" />
          <Text span size="sm" lineClamp={2} style={{ overflowWrap: "anywhere" }}>
            {showsAction ? run.action.title || run.action.name : run.trigger.by}
          </Text>
        </Group>
      </TextLink>
      <Group gap="sm" wrap="nowrap">
        <RunDuration run={run} />
        <Text span size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
          <RelativeTime at={run.created_at} />
        </Text>
      </Group>
    </Group>
  );
}
