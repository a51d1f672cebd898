import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CircleX } from "lucide-react";
import { newestRunsQuery } from "../../nouns/run/queries";
import { RunLine } from "../../nouns/run/RunLine";
import type { RunState } from "../../nouns/run/states";
import { TextLink } from "../../ui/links";
import { Tile } from "./Tile";

const MOST = 5;
const LOOK_EVERY = 10_000;
const STATES: RunState[] = ["failed", "unknown"];

/** The newest runs that failed, or of which nobody knows how they ended, and why. */
export function FailedLately() {
  const query = useQuery({ ...newestRunsQuery({ state: STATES }, MOST), refetchInterval: LOOK_EVERY });
  const runs = query.data?.items ?? [];
  return (
    <Tile
      title="Failed lately"
      icon={<CircleX size={18} aria-hidden />}
      query={query}
      beside={
        runs.length === 0 ? null : (
          <TextLink to="/runs" search={{ state: STATES }} size="sm">
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
