import { Card, Group, Text } from "@mantine/core";
import { ActionLink } from "../../nouns/action/ActionLink";
import { CategoryBadge } from "../../nouns/action/CategoryBadge";
import { LastOutcome } from "../../nouns/action/LastOutcome";
import type { ListedAction } from "../../nouns/action/queries";
import { RunButton } from "../../nouns/action/RunButton";
import { StarButton } from "../../nouns/action/StarButton";
import { SuccessRate } from "../../nouns/action/SuccessRate";
import { UsualDuration } from "../../nouns/action/UsualDuration";
import { RunningRuns } from "../../nouns/run/RunningRuns";
import type { Run } from "../../nouns/run/states";
import classes from "./ActionCards.module.css";
import { ActionTags } from "./ActionTags";

interface ActionCardProps {
  action: ListedAction;
  runs: readonly Run[] | undefined;
  /** Which of the list it is, from 1, and of how many; -1 where nobody knows yet. */
  place: number;
  of: number;
  /** The row of cards that it stands in; the first one of each is measured. */
  row: number;
  measure: ((card: Element | null) => void) | undefined;
}

/** An action as a card: what it is, how it has gone, and what it does now. */
export function ActionCard({ action, runs, place, of, row, measure }: ActionCardProps) {
  return (
    <Card
      component="li"
      ref={measure}
      data-index={row}
      withBorder
      padding="sm"
      className={classes.card}
      aria-posinset={place}
      aria-setsize={of}
    >
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <CategoryBadge category={action.category} />
        <StarButton action={action} />
      </Group>
      <Text component="h2" size="md" fw={600}>
        <ActionLink action={action} />
      </Text>
      <Text size="sm" c="dimmed" lineClamp={2}>
        {action.description}
      </Text>
      <ActionTags tags={action.tags} />
      <div className={classes.state}>
        {runs === undefined ? <LastOutcome run={action.last_run} /> : <RunningRuns runs={runs} />}
      </div>
      <Group gap="xs" justify="space-between" wrap="nowrap">
        <Group gap="sm" wrap="nowrap">
          <SuccessRate rate={action.success_rate} />
          <UsualDuration seconds={action.usual_duration} />
        </Group>
        <RunButton action={action} />
      </Group>
    </Card>
  );
}
