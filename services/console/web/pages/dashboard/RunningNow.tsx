import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import { RunningBar } from "../../nouns/run/RunningBar";
import { runningRunsQuery } from "../../nouns/run/running";
import { TriggerText } from "../../nouns/run/TriggerText";
import { TextLink } from "../../ui/links";
import { Tile } from "./Tile";

const MOST = 6;

/** What runs now, each with how far it has come. */
export function RunningNow() {
  const running = useQuery(runningRunsQuery);
  const runs = running.data?.items ?? [];
  return (
    <Tile
      title="Running now"
      icon={<Activity size={18} aria-hidden />}
      query={running}
      beside={
        runs.length > MOST ? (
          <TextLink to="/runs" search={{ state: "running" }} size="sm">
            All {runs.length}
          </TextLink>
        ) : null
      }
    >
      {running.isSuccess && runs.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing runs now.
        </Text>
      ) : null}
      {runs.slice(0, MOST).map((run) => (
        <Stack key={run.id} gap={2}>
          <Group justify="space-between" gap="2px 12px">
            <TextLink to="/runs/$runId" params={{ runId: run.id }} underline="hover" c="inherit" miw={0} py={2}>
              <Text span size="sm" fw={600} lineClamp={2} style={{ overflowWrap: "anywhere" }}>
                {run.action.title || run.action.name}
              </Text>
            </TextLink>
            <TriggerText trigger={run.trigger} />
          </Group>
          <RunningBar run={run} />
        </Stack>
      ))}
    </Tile>
  );
}
