import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Hourglass } from "lucide-react";
import { newestRunsQuery } from "../../nouns/run/queries";
import { RunLine } from "../../nouns/run/RunLine";
import type { RunState } from "../../nouns/run/states";
import { waitingText } from "../../nouns/run/waiting";
import { RelativeTime } from "../../ui/RelativeTime";
import { Tile } from "./Tile";

const MOST = 6;
const LOOK_EVERY = 5_000;
const STATES: RunState[] = ["queued", "delayed"];

/** The runs that have not begun though nobody has to decide about them, and what each waits for. */
export function Waiting() {
  const query = useQuery({ ...newestRunsQuery({ state: STATES }, MOST), refetchInterval: LOOK_EVERY });
  const runs = query.data?.items ?? [];
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
              waitingText(run.waiting_for)
            )}
          </Text>
        </div>
      ))}
    </Tile>
  );
}
