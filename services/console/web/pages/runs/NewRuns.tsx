import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowUp } from "lucide-react";
import { newestRunsQuery, type RunFilters, runsQuery } from "../../nouns/run/queries";

interface NewRunsProps {
  filters: RunFilters;
  /** The first run that the list shows. */
  newest: string | undefined;
  isLoaded: boolean;
}

const LOOK_EVERY = 5_000;
const MOST = 50;

/** Says how many runs came since the list was read; the list itself stays put until it is asked for them. */
export function NewRuns({ filters, newest = "", isLoaded }: NewRunsProps) {
  const queries = useQueryClient();
  const { data } = useQuery({ ...newestRunsQuery(filters, MOST), refetchInterval: LOOK_EVERY, enabled: isLoaded });
  const count = data?.items.filter(({ id }) => id > newest).length ?? 0;
  if (count === 0) {
    return null;
  }
  return (
    <Button
      variant="light"
      leftSection={<ArrowUp size={15} aria-hidden />}
      onClick={() => void queries.resetQueries({ queryKey: runsQuery(filters).queryKey })}
    >
      {count === MOST ? `${MOST} new runs or more` : count === 1 ? "1 new run" : `${count} new runs`}
    </Button>
  );
}
