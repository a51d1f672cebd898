import { Group, Stack, Text } from "@mantine/core";
import { CircleCheck, CircleHelp, CircleSlash } from "lucide-react";
import { CommandText } from "../../ui/CommandText";
import { SoftBadge } from "../../ui/SoftBadge";
import { neededText } from "../approval/sentences";
import { groupsOf } from "./invocationGroups";
import { PlannedProviders } from "./PlannedProviders";
import type { PlannedStep } from "./plans";
import { rolloutText } from "./sentences";

interface PlannedStepViewProps {
  step: PlannedStep;
  number: number;
  title: string;
}

/** One step of a plan: whether it runs, on what, and the very commands. */
export function PlannedStepView({ step, number, title }: PlannedStepViewProps) {
  const groups = groupsOf(step.invocations);
  return (
    <li data-when={step.when === null ? "perhaps" : step.when ? "yes" : "no"}>
      <Stack gap={6}>
        <Group gap="xs">
          <Text fw={600} style={{ overflowWrap: "anywhere" }}>
            {number}. {title}
          </Text>
          <WhenBadge when={step.when} />
        </Group>
        <Text size="sm" c="dimmed">
          {[step.reason, step.run_as === null ? "" : `as the user ${step.run_as}`]
            .filter((part) => part !== "")
            .join("; ")}
        </Text>
        {step.approval === null ? null : <Text size="sm">Before it begins {neededText(step.approval)}.</Text>}
        {step.rollout === null ? null : <Text size="sm">{rolloutText(step.rollout)}</Text>}
        {groups.map(({ command, invocations }) => (
          <Stack key={command} gap={4}>
            <PlannedProviders invocations={invocations} />
            {step.setup === null ? null : <CommandText text={step.setup} label={`what is set up before ${title}`} />}
            <CommandText text={command} label={`the command of ${title}`} />
          </Stack>
        ))}
        {step.providers > step.invocations.length ? (
          <Text size="sm" c="dimmed">
            These are the first {step.invocations.length} of {step.providers} providers.
          </Text>
        ) : null}
      </Stack>
    </li>
  );
}

function WhenBadge({ when }: { when: boolean | null }) {
  if (when === null) {
    return (
      <SoftBadge color="yellow" size="sm" icon={<CircleHelp size={13} aria-hidden />}>
        depends
      </SoftBadge>
    );
  }
  return when ? (
    <SoftBadge color="teal" size="sm" icon={<CircleCheck size={13} aria-hidden />}>
      runs
    </SoftBadge>
  ) : (
    <SoftBadge color="gray" size="sm" icon={<CircleSlash size={13} aria-hidden />}>
      does not run
    </SoftBadge>
  );
}
