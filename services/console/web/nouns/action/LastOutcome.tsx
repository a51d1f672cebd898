import { RelativeTime } from "../../ui/RelativeTime";
import { RowLink } from "../../ui/RowLink";
import { StateBadge } from "../run/StateBadge";
import classes from "./LastOutcome.module.css";
import type { LastRun } from "./queries";

/** How the run of an action ended that ended last, and when; it leads to that run. */
export function LastOutcome({ run }: { run: LastRun | null }) {
  if (run === null) {
    return <span className={classes.never}>never run</span>;
  }
  return (
    <RowLink to="/runs/$runId" params={{ runId: run.id }} className={`mantine-focus-auto ${classes.outcome}`}>
      <StateBadge state={run.state} size="sm" />
      <RelativeTime at={run.ended_at} />
    </RowLink>
  );
}
