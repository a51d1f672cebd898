import { Text } from "@mantine/core";
import type { RunStep } from "../../nouns/run/states";
import { timeLeftText } from "../../nouns/run/timeLeft";
import { useNow } from "../../ui/useNow";

/** How long the command of a step may still run, ticking while it does. */
export function TimeLeft({ step }: { step: RunStep }) {
  const text = timeLeftText(step, useNow(step.state === "running"));
  return text === null ? null : (
    <Text size="xs" c="dimmed" style={{ fontVariantNumeric: "tabular-nums" }}>
      {text}
    </Text>
  );
}
