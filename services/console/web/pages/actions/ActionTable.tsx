import { Box, Stack, Table, Text } from "@mantine/core";
import { memo, useRef } from "react";
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
import { useWindowRows } from "../../ui/useWindowRows";
import type { ActionListProps } from "./ActionCards";
import classes from "./ActionTable.module.css";
import { ActionTags } from "./ActionTags";

const ESTIMATE = 57;
const Row = memo(ActionRow);

/** Actions as a table of one row each. */
export function ActionTable({ actions, live, isOld, onNearEnd }: ActionListProps) {
  const list = useRef<HTMLTableSectionElement>(null);
  const { rows, measure, before, after } = useWindowRows({
    list,
    count: actions.length,
    estimate: ESTIMATE,
    onNearEnd,
  });
  return (
    <Table
      layout="fixed"
      verticalSpacing="xs"
      aria-label="Actions"
      aria-busy={isOld}
      aria-rowcount={onNearEnd === null ? actions.length + 1 : -1}
      className={classes.table}
      data-old={isOld || undefined}
      hidden={actions.length === 0}
    >
      <Table.Thead>
        <Table.Tr aria-rowindex={1}>
          <Table.Th className={classes.star} aria-label="Favourite" />
          <Table.Th>Action</Table.Th>
          <Table.Th className={classes.category} visibleFrom="sm">
            Category
          </Table.Th>
          <Table.Th className={classes.number} visibleFrom="md">
            Success
          </Table.Th>
          <Table.Th className={classes.number} visibleFrom="md">
            Usually
          </Table.Th>
          <Table.Th className={classes.outcome} visibleFrom="sm">
            Last run
          </Table.Th>
          <Table.Th className={classes.run} aria-label="Run" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody ref={list}>
        <Room height={before} />
        {rows.map(({ index, key }) => {
          const action = actions[index];
          return action === undefined ? null : (
            <Row key={key} action={action} runs={live.get(action.name)} index={index} measure={measure} />
          );
        })}
        <Room height={after} />
      </Table.Tbody>
    </Table>
  );
}

interface ActionRowProps {
  action: ListedAction;
  runs: readonly Run[] | undefined;
  index: number;
  measure: (row: Element | null) => void;
}

function ActionRow({ action, runs, index, measure }: ActionRowProps) {
  const state = runs === undefined ? <LastOutcome run={action.last_run} /> : <RunningRuns runs={runs} />;
  return (
    <Table.Tr ref={measure} data-index={index} aria-rowindex={index + 2}>
      <Table.Td className={classes.star}>
        <StarButton action={action} />
      </Table.Td>
      <Table.Td>
        <Stack gap={4}>
          <Text size="sm" fw={600}>
            <ActionLink action={action} />
          </Text>
          <ActionTags tags={action.tags} />
          <Box hiddenFrom="sm">{state}</Box>
        </Stack>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <CategoryBadge category={action.category} />
      </Table.Td>
      <Table.Td visibleFrom="md">
        <SuccessRate rate={action.success_rate} />
      </Table.Td>
      <Table.Td visibleFrom="md">
        <UsualDuration seconds={action.usual_duration} />
      </Table.Td>
      <Table.Td visibleFrom="sm">{state}</Table.Td>
      <Table.Td className={classes.run}>
        <RunButton action={action} />
      </Table.Td>
    </Table.Tr>
  );
}

/** The room that rows take which are not there; over one column, as how many there are depends on the width. */
function Room({ height }: { height: number }) {
  return height === 0 ? null : (
    <tr aria-hidden>
      <td style={{ height, padding: 0 }} />
    </tr>
  );
}
