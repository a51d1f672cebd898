import { Text } from "@mantine/core";
import { durationText } from "../../ui/time";
import { useNow } from "../../ui/useNow";

interface Span {
  started_at: string | null;
  ended_at: string | null;
}

/** How long something took, or takes so far, ticking while it does. */
export function RunDuration({ run }: { run: Span }) {
  const isUnderWay = run.started_at !== null && run.ended_at === null;
  const now = useNow(isUnderWay);
  if (run.started_at === null) {
    return (
      <Text span size="sm" c="dimmed">
        –
      </Text>
    );
  }
  const end = run.ended_at === null ? now : new Date(run.ended_at);
  const seconds = Math.max(0, (end.getTime() - new Date(run.started_at).getTime()) / 1000);
  return (
    <Text span size="sm" style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
      {durationText(seconds)}
    </Text>
  );
}
