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
import classes from "./ActionCard.module.css";
import { MOST_TAGS } from "./mostTags";

interface ActionCardProps {
  action: ListedAction;
  runs: readonly Run[] | undefined;
  filters: ActionFilters;
  /** Why who is signed in may not run it; null where they may. */
  refusal: string | null;
  /** Which of the list it is, from 1, and of how many; -1 where nobody knows yet. */
  place: number;
  of: number;
  /** The row of cards that it stands in; the first one of each is measured. */
  row: number;
  measure: ((card: Element | null) => void) | undefined;
}

/** An action as a card: what it is, how it has gone, and what it does now. Of plain elements: a dozen come with each frame. */
export function ActionCard({ action, runs, filters, refusal, place, of, row, measure }: ActionCardProps) {
  return (
    <li ref={measure} data-index={row} className={classes.card} aria-posinset={place} aria-setsize={of}>
      <div className={classes.line}>
        <CategoryBadge category={action.category} />
        <StarButton action={action} />
      </div>
      <h2 className={classes.title}>
        <ActionLink action={action} />
      </h2>
      {action.description === "" ? null : <p className={classes.description}>{action.description}</p>}
      <TagLinks tags={action.tags} filters={filters} most={MOST_TAGS} />
      <div className={classes.state}>
        {runs === undefined ? <LastOutcome run={action.last_run} /> : <RunningRuns runs={runs} />}
      </div>
      <div className={classes.line}>
        <div className={classes.facts}>
          <SuccessRate rate={action.success_rate} />
          <UsualDuration seconds={action.usual_duration} />
        </div>
        <RunButton action={action} refusal={refusal} />
      </div>
    </li>
  );
}
