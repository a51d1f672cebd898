import { Group, Text } from "@mantine/core";
import { Timer } from "lucide-react";
import { durationText } from "../../ui/time";

/** How long an action usually takes, where that is known. */
export function UsualDuration({ seconds }: { seconds: number | null }) {
  if (seconds === null) {
    return null;
  }
  return (
    <Group gap={4} wrap="nowrap" title="How long its last runs took, whatever their parameters">
      <Timer size={15} aria-hidden />
      <Text span size="sm" style={{ whiteSpace: "nowrap", fontVariantNumeric: "tabular-nums" }}>
        {durationText(seconds)}
      </Text>
    </Group>
  );
}
