import { Group } from "@mantine/core";
import { StateBadge } from "../../nouns/run/StateBadge";
import { badgeStateOf, type Run } from "../../nouns/run/states";
import { BottomBar } from "../../ui/BottomBar";
import { RunControls } from "./RunControls";

/** On a phone: how a run is, and what may be asked of it, whatever of its page is read. */
export function RunBar({ run }: { run: Run }) {
  return (
    <BottomBar label="The run">
      <StateBadge state={badgeStateOf(run)} />
      <Group gap="xs" ml="auto">
        <RunControls run={run} />
      </Group>
    </BottomBar>
  );
}
