import { Group, RingProgress, Text } from "@mantine/core";
import { rateText } from "./rate";

const GOOD = 0.95;
const FAIR = 0.8;

/** Which part of an action's last runs succeeded, as a ring and as a number. */
export function SuccessRate({ rate }: { rate: number | null }) {
  if (rate === null) {
    return null;
  }
  const color = rate >= GOOD ? "teal" : rate >= FAIR ? "yellow" : "red";
  return (
    <Group gap={6} wrap="nowrap" title={`${rateText(rate)} of its last runs succeeded`}>
      <RingProgress size={22} thickness={4} sections={[{ value: rate * 100, color }]} aria-hidden />
      <Text span size="sm" style={{ fontVariantNumeric: "tabular-nums" }}>
        {rateText(rate)}
      </Text>
    </Group>
  );
}
