import { Code, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Action } from "../../nouns/action/queries";
import { concurrencyText } from "../../nouns/action/sentences";
import { neededText } from "../../nouns/approval/sentences";
import { notifyText } from "../../nouns/channel/events";
import { atText } from "../../nouns/schedule/atText";
import { TextLink } from "../../ui/links";
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
        <ComesToRun action={action} />
        {execution.approval == null ? null : (
          <Setting>Before it starts {neededText(asNeeded(execution.approval))}.</Setting>
        )}
        {condition ? (
          <Setting>
            Only if <Code style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{condition}</Code>
          </Setting>
        ) : null}
        <Setting>{concurrency ? concurrencyText(concurrency) : "Any number of runs at a time."}</Setting>
        {action.notify.map((one) => (
          <Setting key={one.channel}>Tells {notifyText(one)}.</Setting>
        ))}
        <Setting>A run takes {durationText(Number(execution.timeout))} at most.</Setting>
      </Stack>
    </Section>
  );
}

/** What runs it besides whoever asks. */
function ComesToRun({ action: { name, execution } }: { action: Action }) {
  const { mode, schedule, triggers } = execution;
  if (mode === "scheduled" && schedule != null) {
    return (
      <Setting>
        <TextLink to="/schedules/$name" params={{ name: `action:${name}` }} size="sm" underline="always">
          Its own schedule
        </TextLink>{" "}
        runs it {atText(schedule.at)} in {schedule.time_zone}
        {schedule.enabled ? "." : ", but is not enabled."}
      </Setting>
    );
  }
  if (mode === "triggered") {
    const count = triggers.length;
    return (
      <Setting>
        Alerts run it, by {count === 1 ? "a rule" : `${count} rules`} of its own (action:{name}:1
        {count > 1 ? ` to ${count}` : ""}).
      </Setting>
    );
  }
  return null;
}

function asNeeded(approval: NonNullable<Action["execution"]["approval"]>) {
  return { approvers: approval.approvers, needed: approval.count };
}

function Setting({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" component="div">
      {children}
    </Text>
  );
}
