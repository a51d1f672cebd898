import { queryOptions } from "@tanstack/react-query";
import { client } from "../../api/client";

const PAGE = 200;
const MOST = 2_000;

/** The names of the provider groups, for a field that takes one. */
export const groupNamesQuery = queryOptions({
  queryKey: ["get", "/api/v1/provider-groups", "suggestions"],
  queryFn: readAll,
  staleTime: 60_000,
});

async function readAll(): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const { data } = await client.GET("/api/v1/provider-groups", { params: { query: { limit: PAGE, cursor } } });
    names.push(...(data?.items ?? []).map(({ name }) => name));
    cursor = data?.next ?? undefined;
  } while (cursor !== undefined && names.length < MOST);
  return names;
}
