import { client } from "../../api/client";
import { readAll } from "../../api/paging";
import type { RunFilters } from "../../nouns/run/queries";
import type { Run } from "../../nouns/run/states";

/** A file of more helps nobody in a browser; the command line has no such end. */
export const MOST_EXPORTED = 20_000;

/** Every run that the filters leave, up to the most that a file holds. */
export function exportedRuns(filters: RunFilters): Promise<Run[]> {
  return readAll(
    MOST_EXPORTED,
    async ({ params }) =>
      (await client.GET("/api/v1/runs", { params: { query: { ...filters, ...params.query } } })).data,
  );
}
