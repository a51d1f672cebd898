import { Stack } from "@mantine/core";
import { TextLink } from "../../ui/links";
import { RunningBar } from "./RunningBar";
import type { Run } from "./states";

/** What of an action runs now: the newest with its progress, and how many others. */
export function RunningRuns({ runs }: { runs: readonly Run[] }) {
  const [newest] = runs;
  if (newest === undefined) {
    return null;
  }
  return (
    <Stack gap={2}>
      <RunningBar run={newest} />
      {runs.length > 1 ? (
        <TextLink to="/runs" search={{ action: newest.action.name, state: "running" }} size="xs">
          and {runs.length - 1} more
        </TextLink>
      ) : null}
    </Stack>
  );
}
