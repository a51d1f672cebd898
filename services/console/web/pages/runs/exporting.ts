import { client } from "../../api/client";
import type { RunFilters } from "../../nouns/run/queries";
import type { Run } from "../../nouns/run/states";

const PAGE = 200;
/** A file of more helps nobody in a browser; the command line has no such end. */
export const MOST_EXPORTED = 20_000;

/** Every run that the filters leave, up to the most that a file holds. */
export async function readAll(filters: RunFilters): Promise<Run[]> {
  const runs: Run[] = [];
  let cursor: string | undefined;
  do {
    const { data } = await client.GET("/api/v1/runs", { params: { query: { ...filters, limit: PAGE, cursor } } });
    runs.push(...(data?.items ?? []));
    cursor = data?.next ?? undefined;
  } while (cursor !== undefined && runs.length < MOST_EXPORTED);
  return runs;
}
