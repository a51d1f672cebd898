import { Group, Stack, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { RunDuration } from "../../nouns/run/RunDuration";
import { StateIcon } from "../../nouns/run/StateIcon";
import { lookOf, type RunStep } from "../../nouns/run/states";
import { RelativeTime } from "../../ui/RelativeTime";
import { Choice } from "./Choice";
import { countsText } from "./counts";
import { TimeLeft } from "./TimeLeft";

const route = getRouteApi("/signed-in/runs/$runId");

/** A step with its state and how long it takes, and each of its attempts where there are more than one. */
export function StepEntry({ step }: { step: RunStep }) {
  const { step: chosen, attempt: chosenAttempt } = route.useSearch();
  const isChosen = chosen === step.name;
  return (
    <Stack gap={2}>
      <Choice
        selection={{ step: step.name }}
        isChosen={isChosen && chosenAttempt === undefined}
        isCurrent={step.state === "running"}
      >
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <StateIcon state={step.state} />
          <Stack gap={0} miw={0}>
            <Text size="sm" fw={500} style={{ overflowWrap: "anywhere" }}>
              {step.name}
            </Text>
            <Text size="xs" c="dimmed" component="div">
              {step.started_at === null ? lookOf(step.state).label : <RunDuration run={step} />}
              {step.provider === null ? null : ` · ${step.provider}`}
            </Text>
            <TimeLeft step={step} />
            {step.invocations === null ? null : (
              <Text size="xs" c="dimmed">
                {countsText(step.invocations)}
                {step.batch === null ? "" : ` · batch ${step.batch.number} of ${step.batch.of}`}
              </Text>
            )}
            {step.carried_from === null ? null : (
              <Text size="xs" c="dimmed">
                as in the run before
              </Text>
            )}
            {step.due_at === null || step.state !== "queued" ? null : (
              <Text size="xs">
                again <RelativeTime at={step.due_at} />
              </Text>
            )}
            {step.reason_text === null ? null : (
              <Text size="xs" lineClamp={isChosen ? undefined : 2} style={{ overflowWrap: "anywhere" }}>
                {step.reason_text}
              </Text>
            )}
          </Stack>
        </Group>
      </Choice>
      {step.attempts.length > 1
        ? step.attempts.map(({ id, number, state }) => (
            <Group key={id} pl={22} gap={0}>
              <Choice selection={{ step: step.name, attempt: number }} isChosen={isChosen && chosenAttempt === number}>
                <Group gap="xs" wrap="nowrap">
                  <StateIcon state={state} />
                  <Text size="xs">attempt {number}</Text>
                </Group>
              </Choice>
            </Group>
          ))
        : null}
    </Stack>
  );
}
