import { Text } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { CircleX } from "lucide-react";
import { newestRunsQuery } from "../../nouns/run/queries";
import { RunLine } from "../../nouns/run/RunLine";
import { TextLink } from "../../ui/links";
import { newestOf } from "./newestOf";
import { Tile } from "./Tile";
import { together } from "./together";

const MOST = 5;
const LOOK_EVERY = 10_000;
const STATES = ["failed", "unknown"] as const;

/** The newest runs that failed, or of which nobody knows how they ended, and why. */
export function FailedLately() {
  const lists = useQueries({
    queries: STATES.map((state) => ({ ...newestRunsQuery({ state: [state] }, MOST), refetchInterval: LOOK_EVERY })),
  });
  const query = together(lists);
  const runs = newestOf(
    lists.map(({ data }) => data?.items ?? []),
    MOST,
  );
  return (
    <Tile
      title="Failed lately"
      icon={<CircleX size={18} aria-hidden />}
      query={query}
      beside={
        runs.length === 0 ? null : (
          <TextLink to="/runs" search={{ state: [...STATES] }} size="sm">
            All that failed
          </TextLink>
        )
      }
    >
      {query.isSuccess && runs.length === 0 ? (
        <Text size="sm" c="dimmed">
          Nothing has failed.
        </Text>
      ) : null}
      {runs.map((run) => (
        <div key={run.id}>
          <RunLine run={run} showsAction />
          <Text size="xs" c="dimmed" lineClamp={2} style={{ overflowWrap: "anywhere" }}>
            {run.reason_text}
          </Text>
        </div>
      ))}
    </Tile>
  );
}
