import { newestRunsQuery } from "./queries";

/** As many as one page of the API has; whoever runs more at a time looks at the history. */
const MOST_RUNNING = 200;
const LOOK_EVERY = 3_000;

/** What runs now, read again and again while somebody looks. */
export const runningRunsQuery = {
  ...newestRunsQuery({ state: ["running"] }, MOST_RUNNING),
  refetchInterval: LOOK_EVERY,
};
