import { Table } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { memo, useRef } from "react";
import { ActionLink } from "../../nouns/action/ActionLink";
import { CategoryBadge } from "../../nouns/action/CategoryBadge";
import type { ActionFilters } from "../../nouns/action/filters";
import { LastOutcome } from "../../nouns/action/LastOutcome";
import type { ListedAction } from "../../nouns/action/queries";
import { RunButton } from "../../nouns/action/RunButton";
import { StarButton } from "../../nouns/action/StarButton";
import { SuccessRate } from "../../nouns/action/SuccessRate";
import { TagLinks } from "../../nouns/action/TagLinks";
import { UsualDuration } from "../../nouns/action/UsualDuration";
import { RunningRuns } from "../../nouns/run/RunningRuns";
import type { Run } from "../../nouns/run/states";
import { useWindowRows } from "../../ui/useWindowRows";
import type { ActionListProps } from "./ActionCards";
import classes from "./ActionTable.module.css";
import { MOST_TAGS } from "./mostTags";

const ESTIMATE = 57;
const FROM_MIDDLE = "(min-width: 48em)";
const FROM_WIDE = "(min-width: 62em)";
const AT_ONCE = { getInitialValueInEffect: false };
const Row = memo(ActionRow);

/** Actions as a table of one row each. */
export function ActionTable({ actions, live, filters, refusal, isOld, onNearEnd }: ActionListProps) {
  const list = useRef<HTMLTableSectionElement>(null);
  const width = useTableWidth();
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
          {width === "narrow" ? null : <Table.Th className={classes.category}>Category</Table.Th>}
          {width === "wide" ? (
            <>
              <Table.Th className={classes.number}>Success</Table.Th>
              <Table.Th className={classes.number}>Usually</Table.Th>
            </>
          ) : null}
          {width === "narrow" ? null : <Table.Th className={classes.outcome}>Last run</Table.Th>}
          <Table.Th className={classes.run} aria-label="Run" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody ref={list}>
        <Room height={before} />
        {rows.map(({ index, key }) => {
          const action = actions[index];
          return action === undefined ? null : (
            <Row
              key={key}
              action={action}
              runs={live.get(action.name)}
              filters={filters}
              refusal={refusal}
              index={index}
              measure={measure}
              width={width}
            />
          );
        })}
        <Room height={after} />
      </Table.Tbody>
    </Table>
  );
}

type TableWidth = "narrow" | "middle" | "wide";

/** A row has no cell that is not shown: what it does not have costs nothing. */
function useTableWidth(): TableWidth {
  const isMiddle = useMediaQuery(FROM_MIDDLE, false, AT_ONCE);
  const isWide = useMediaQuery(FROM_WIDE, false, AT_ONCE);
  return isWide ? "wide" : isMiddle ? "middle" : "narrow";
}

interface ActionRowProps {
  action: ListedAction;
  runs: readonly Run[] | undefined;
  filters: ActionFilters;
  refusal: string | null;
  index: number;
  measure: (row: Element | null) => void;
  /** The columns that there is room for. */
  width: TableWidth;
}

/** Of plain elements: a dozen come with each frame. */
function ActionRow({ action, runs, filters, refusal, index, measure, width }: ActionRowProps) {
  const state = runs === undefined ? <LastOutcome run={action.last_run} /> : <RunningRuns runs={runs} />;
  return (
    <tr ref={measure} data-index={index} aria-rowindex={index + 2}>
      <td>
        <StarButton action={action} />
      </td>
      <td>
        <div className={classes.title}>
          <ActionLink action={action} />
        </div>
        <TagLinks tags={action.tags} filters={filters} most={MOST_TAGS} />
        {width === "narrow" ? <div className={classes.state}>{state}</div> : null}
      </td>
      {width === "narrow" ? null : (
        <td>
          <CategoryBadge category={action.category} />
        </td>
      )}
      {width === "wide" ? (
        <>
          <td>
            <SuccessRate rate={action.success_rate} />
          </td>
          <td>
            <UsualDuration seconds={action.usual_duration} />
          </td>
        </>
      ) : null}
      {width === "narrow" ? null : <td>{state}</td>}
      <td className={classes.run}>
        <RunButton action={action} refusal={refusal} />
      </td>
    </tr>
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
