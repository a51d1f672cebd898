import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { ArrowUp } from "lucide-react";
import { type RunFilters, runsQuery } from "../../nouns/run/queries";

interface NewRunsProps {
  filters: RunFilters;
  /** How many came since the list was read. */
  count: number;
  /** As many are counted. */
  most: number;
}

/** Says how many runs came since the list was read; the list itself stays put until it is asked for them. */
export function NewRuns({ filters, count, most }: NewRunsProps) {
  const queries = useQueryClient();
  if (count === 0) {
    return null;
  }
  return (
    <Button
      variant="light"
      leftSection={<ArrowUp size={15} aria-hidden />}
      onClick={() => void queries.resetQueries({ queryKey: runsQuery(filters).queryKey })}
    >
      {count === most ? `${most} new runs or more` : count === 1 ? "1 new run" : `${count} new runs`}
    </Button>
  );
}
