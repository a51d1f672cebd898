import { Group, Text } from "@mantine/core";
import { RunDuration } from "../../nouns/run/RunDuration";
import type { Run } from "../../nouns/run/states";
import { TriggerText } from "../../nouns/run/TriggerText";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";
import { durationText } from "../../ui/time";

/** Who asked for a run and when, how long it takes, and how long such runs usually take. */
export function RunAbout({ run }: { run: Run }) {
  return (
    <Group gap="md" style={{ rowGap: 2 }}>
      <span>
        <TriggerText trigger={run.trigger} /> · <RelativeTime at={run.created_at} />
      </span>
      <span>
        {run.started_at === null ? null : <RunDuration run={run} />}
        {run.estimated_duration == null || run.ended_at !== null ? null : (
          <span title="As the last runs of the action took, whatever their parameters">
            {run.started_at === null ? "" : " · "}the action usually takes {durationText(run.estimated_duration)}
          </span>
        )}
      </span>
      <Text span ff="monospace" size="xs">
        {run.id}
      </Text>
      <span>version {run.action.version}</span>
      {run.rerun_of === null ? null : (
        <span>
          again of{" "}
          <TextLink to="/runs/$runId" params={{ runId: run.rerun_of }} size="sm">
            {run.rerun_of}
          </TextLink>
        </span>
      )}
      {run.trigger.note === "" ? null : <span>“{run.trigger.note}”</span>}
    </Group>
  );
}
