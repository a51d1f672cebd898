import { Progress, Stack, Text } from "@mantine/core";
import { TextLink } from "../../ui/links";
import { useNow } from "../../ui/useNow";
import { percentOf, progressText } from "./progress";
import type { Run } from "./states";

/** How far a run that runs has come, ticking; it leads to the run. */
export function RunningBar({ run }: { run: Run }) {
  const now = useNow(true);
  const text = run.paused === null ? progressText(run, now) : "paused";
  return (
    <Stack gap={4}>
      <Progress
        value={percentOf(run, now)}
        size="sm"
        animated={run.paused === null}
        striped={run.paused === null}
        aria-label={`${run.action.title || run.action.name} is running`}
      />
      <TextLink to="/runs/$runId" params={{ runId: run.id }} size="xs" style={{ fontVariantNumeric: "tabular-nums" }}>
        <Text span size="xs" lineClamp={1} inherit>
          {text}
        </Text>
      </TextLink>
    </Stack>
  );
}
