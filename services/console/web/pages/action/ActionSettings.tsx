import { Card, Code, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { Action } from "../../nouns/action/queries";
import { concurrencyText } from "../../nouns/action/sentences";
import { durationText } from "../../ui/time";

const CONFIRM = {
  none: "It runs at once.",
  ask: "It asks once more before it runs.",
  type_name: "Whoever runs it types its name first.",
} satisfies Record<Action["confirm"], string>;

/** What holds for every run of an action. */
export function ActionSettings({ action }: { action: Action }) {
  const { confirm, condition, concurrency, execution } = action;
  return (
    <Card withBorder component="section" aria-label="How it runs">
      <Title order={2} size="h4" mb="xs">
        How it runs
      </Title>
      <Stack gap="xs">
        <Setting>{CONFIRM[confirm]}</Setting>
        {condition ? (
          <Setting>
            Only if <Code style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{condition}</Code>
          </Setting>
        ) : null}
        <Setting>{concurrency ? concurrencyText(concurrency) : "Any number of runs at a time."}</Setting>
        <Setting>A run takes {durationText(Number(execution.timeout))} at most.</Setting>
      </Stack>
    </Card>
  );
}

function Setting({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" component="div">
      {children}
    </Text>
  );
}
