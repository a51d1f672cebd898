import { Card, Group, Stack, Text, Title } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import type { Run } from "../../nouns/run/states";
import { Choice } from "./Choice";
import { StepEntry } from "./StepEntry";

const route = getRouteApi("/signed-in/runs/$runId");

const STEPS_ID = "steps";

/** Take the keyboard, and the window, to the steps of the run. */
export function goToSteps(): void {
  document.getElementById(STEPS_ID)?.querySelector("a")?.focus();
}

/** The steps of a run, with their attempts: each shows its output. */
export function StepList({ run }: { run: Run }) {
  const { step: chosen } = route.useSearch();
  return (
    <Card withBorder p="xs" component="section" aria-label="Steps" id={STEPS_ID}>
      <Stack gap={4}>
        <Group justify="space-between" px={6}>
          <Title order={2} size="h6" c="dimmed">
            Steps
          </Title>
          <Text size="xs" c="dimmed">
            {run.progress.done} of {run.progress.total} ended
          </Text>
        </Group>
        <Choice selection={{}} isChosen={chosen === undefined}>
          <Text size="sm" fw={500}>
            All output
          </Text>
        </Choice>
        {run.steps.map((step) => (
          <StepEntry key={step.name} step={step} />
        ))}
      </Stack>
    </Card>
  );
}
