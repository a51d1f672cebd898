import { Button, Group, Text } from "@mantine/core";
import { CircleCheck, CircleX, Server } from "lucide-react";
import { useState } from "react";
import type { PlannedInvocation } from "./plans";

const FEW = 12;

/** On which providers a command would run, and whether they could be reached where somebody asked. */
export function PlannedProviders({ invocations }: { invocations: readonly PlannedInvocation[] }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? invocations : invocations.slice(0, FEW);
  return (
    <>
      <Group gap="xs" aria-label="Providers" role="group">
        {shown.map(({ provider, reachable }) => (
          <Group key={provider} gap={4} wrap="nowrap">
            <ReachableSign reachable={reachable} />
            <Text span size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
              {provider}
            </Text>
          </Group>
        ))}
        {invocations.length > FEW ? (
          <Button size="compact-xs" variant="subtle" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
            {isWhole ? "Show fewer" : `and ${invocations.length - FEW} more`}
          </Button>
        ) : null}
      </Group>
      {invocations.map(({ provider, reachable_text }) =>
        reachable_text === null ? null : (
          <Text key={provider} size="sm" c="var(--mantine-color-error)">
            {provider}: {reachable_text}
          </Text>
        ),
      )}
    </>
  );
}

function ReachableSign({ reachable }: { reachable: boolean | null }) {
  if (reachable === null) {
    return <Server size={14} aria-hidden />;
  }
  return reachable ? (
    <CircleCheck size={14} color="var(--mantine-color-teal-6)" role="img" aria-label="can be reached" />
  ) : (
    <CircleX size={14} color="var(--mantine-color-red-6)" role="img" aria-label="cannot be reached" />
  );
}
