import { useElementSize, useMergedRef } from "@mantine/hooks";
import { memo, useRef } from "react";
import type { ActionFilters } from "../../nouns/action/filters";
import type { ListedAction } from "../../nouns/action/queries";
import type { Run } from "../../nouns/run/states";
import { useWindowRows } from "../../ui/useWindowRows";
import { ActionCard } from "./ActionCard";
import classes from "./ActionCards.module.css";

export interface ActionListProps {
  actions: readonly ListedAction[];
  live: ReadonlyMap<string, Run[]>;
  filters: ActionFilters;
  /** Why who is signed in may not run them; null where they may. */
  refusal: string | null;
  /** They are what earlier filters left: the next ones are being read. */
  isOld: boolean;
  onNearEnd: (() => void) | null;
}

const NARROWEST = 320;
const GAP = 14;
/** Of a card with as little as it can have: its least height. */
const ESTIMATE = 186;
const Card = memo(ActionCard);

/** Actions as cards, as many beside each other as there is room for. */
export function ActionCards({ actions, live, filters, refusal, isOld, onNearEnd }: ActionListProps) {
  const list = useRef<HTMLUListElement>(null);
  const { ref: sized, width } = useElementSize<HTMLUListElement>();
  const ref = useMergedRef(list, sized);
  const columns = Math.max(1, Math.floor((width + GAP) / (NARROWEST + GAP)));
  const count = width === 0 ? 0 : Math.ceil(actions.length / columns);
  const { rows, measure, before, after } = useWindowRows({
    list,
    count,
    estimate: ESTIMATE,
    gap: GAP,
    // Before there is a width there are no rows, which is no end.
    onNearEnd: width === 0 ? null : onNearEnd,
  });
  return (
    <ul
      ref={ref}
      aria-label="Actions"
      aria-busy={isOld}
      className={classes.list}
      data-old={isOld || undefined}
      style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
    >
      <Room height={before} />
      {rows.flatMap(({ index }) =>
        actions
          .slice(index * columns, (index + 1) * columns)
          .map((action, place) => (
            <Card
              key={action.name}
              action={action}
              runs={live.get(action.name)}
              filters={filters}
              refusal={refusal}
              place={index * columns + place + 1}
              of={onNearEnd === null ? actions.length : -1}
              row={index}
              measure={place === 0 ? measure : undefined}
            />
          )),
      )}
      <Room height={after} />
    </ul>
  );
}

/** The room that cards take which are not there. */
function Room({ height }: { height: number }) {
  return height <= 0 ? null : <li aria-hidden className={classes.room} style={{ height }} />;
}
