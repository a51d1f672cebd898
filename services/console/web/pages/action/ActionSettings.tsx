import { Code, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Action } from "../../nouns/action/queries";
import { concurrencyText } from "../../nouns/action/sentences";
import { Section } from "../../ui/Section";
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
    <Section title="How it runs">
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
    </Section>
  );
}

function Setting({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" component="div">
      {children}
    </Text>
  );
}
