import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { hasEnded, type Run } from "../../nouns/run/states";
import { UnfoldButton } from "../../ui/UnfoldButton";
import { useNarrow } from "../../ui/useNarrow";
import { Choice } from "./Choice";
import { StepEntry } from "./StepEntry";

const route = getRouteApi("/signed-in/runs/$runId");

const STEPS_ID = "steps";

/** Take the keyboard, and the window, to the steps of the run; where they are folded, to what unfolds them. */
export function goToSteps(): void {
  const steps = document.getElementById(STEPS_ID);
  (steps?.querySelector("a") ?? steps?.querySelector("button"))?.focus();
}

/** The steps of a run, with their attempts: each shows its output. */
export function StepList({ run }: { run: Run }) {
  const { step: chosen } = route.useSearch();
  const isNarrow = useNarrow();
  // Whoever follows a run on a phone wants its output, which the steps would push below the window.
  const [isOpen, setOpen] = useState(() => hasEnded(run.state));
  const ended = `${run.progress.done} of ${run.progress.total} ended`;
  const foremost = run.steps.find(({ name, state }) => (chosen === undefined ? state === "running" : name === chosen));
  return (
    <Card withBorder p="xs" component="section" aria-label="Steps" id={STEPS_ID}>
      <Stack gap={4}>
        {isNarrow ? (
          <UnfoldButton isOpen={isOpen} onToggle={() => setOpen(!isOpen)}>
            Steps: {ended}
          </UnfoldButton>
        ) : (
          <Group justify="space-between" px={6}>
            <Title order={2} size="h6" c="dimmed">
              Steps
            </Title>
            <Text size="xs" c="dimmed">
              {ended}
            </Text>
          </Group>
        )}
        {isNarrow && !isOpen ? (
          foremost === undefined ? null : (
            <StepEntry step={foremost} />
          )
        ) : (
          <>
            <Choice selection={{}} isChosen={chosen === undefined}>
              <Text size="sm" fw={500}>
                All output
              </Text>
            </Choice>
            {run.steps.map((step) => (
              <StepEntry key={step.name} step={step} />
            ))}
          </>
        )}
      </Stack>
    </Card>
  );
}
