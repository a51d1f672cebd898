import { Card, Group, Stack, Text } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import { LastOutcome } from "../../nouns/action/LastOutcome";
import type { Action } from "../../nouns/action/queries";
import { SuccessRate } from "../../nouns/action/SuccessRate";
import { UsualDuration } from "../../nouns/action/UsualDuration";
import { useLiveActions } from "../../nouns/action/useLiveActions";
import { RunningRuns } from "../../nouns/run/RunningRuns";
import { GoneAlert } from "../../ui/GoneAlert";

/** How an action has gone so far, and what of it runs now. */
export function ActionFacts({ action }: { action: Action }) {
  const runs = useLiveActions(useMemo(() => [action], [action])).get(action.name);
  return (
    <>
      <GoneAlert gone={action.gone} />
      <Card withBorder>
        <Group gap="xl">
          <Fact label="Last run">
            <LastOutcome run={action.last_run} />
          </Fact>
          {action.success_rate === null ? null : (
            <Fact label="Succeeded, of the last 50">
              <SuccessRate rate={action.success_rate} />
            </Fact>
          )}
          {action.usual_duration === null ? null : (
            <Fact label="Usually takes">
              <UsualDuration seconds={action.usual_duration} />
            </Fact>
          )}
        </Group>
        {runs === undefined ? null : (
          <Stack mt="md">
            <RunningRuns runs={runs} />
          </Stack>
        )}
      </Card>
    </>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Stack gap={2}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Group mih={24}>{children}</Group>
    </Stack>
  );
}
