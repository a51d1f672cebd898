import { Text } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { Hourglass } from "lucide-react";
import { newestRunsQuery } from "../../nouns/run/queries";
import { RunLine } from "../../nouns/run/RunLine";
import { RelativeTime } from "../../ui/RelativeTime";
import { newestOf } from "./newestOf";
import { Tile } from "./Tile";
import { together } from "./together";

const MOST = 6;
const LOOK_EVERY = 5_000;
const STATES = ["awaiting_approval", "queued", "delayed"] as const;

/** The runs that have not begun, and what each waits for. */
export function Waiting() {
  const lists = useQueries({
    queries: STATES.map((state) => ({ ...newestRunsQuery({ state: [state] }, MOST), refetchInterval: LOOK_EVERY })),
  });
  const query = together(lists);
  const runs = newestOf(
    lists.map(({ data }) => data?.items ?? []),
    MOST,
  );
  return (
    <Tile title="Waiting" icon={<Hourglass size={18} aria-hidden />} query={query}>
      {query.isSuccess && runs.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing waits.
        </Text>
      ) : null}
      {runs.map((run) => (
        <div key={run.id}>
          <RunLine run={run} showsAction />
          <Text size="xs" c="dimmed" component="div" lineClamp={2}>
            {run.state === "delayed" && run.not_before !== null ? (
              <>
                starts <RelativeTime at={run.not_before} />
              </>
            ) : (
              run.waiting_for?.why
            )}
          </Text>
        </div>
      ))}
    </Tile>
  );
}
