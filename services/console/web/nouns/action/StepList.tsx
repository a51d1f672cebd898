import { Group, Stack, Text } from "@mantine/core";
import { Server } from "lucide-react";
import { CommandText } from "../../ui/CommandText";
import classes from "./StepList.module.css";
import { type Step, settingsOf, whereText } from "./stepTexts";

/** The steps of an action or a template, in their order, with their commands. */
export function StepList({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className={classes.steps} aria-label="Steps">
      {steps.map((step, index) => (
        <li key={step.name}>
          <Stack gap={6}>
            <Text fw={600} style={{ overflowWrap: "anywhere" }}>
              {index + 1}. {step.title || step.name}
            </Text>
            {step.description === "" ? null : (
              <Text size="sm" c="dimmed">
                {step.description}
              </Text>
            )}
            <Group gap={4} wrap="nowrap">
              <Server size={14} aria-hidden />
              <Text span size="sm" ff="monospace" style={{ overflowWrap: "anywhere" }}>
                {whereText(step)}
              </Text>
            </Group>
            <Settings texts={settingsOf(step)} />
            <CommandText text={step.command} label={`the command of ${step.title || step.name}`} />
          </Stack>
        </li>
      ))}
    </ol>
  );
}

function Settings({ texts }: { texts: readonly string[] }) {
  return texts.length === 0 ? null : (
    <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
      {texts.join(" · ")}
    </Text>
  );
}
