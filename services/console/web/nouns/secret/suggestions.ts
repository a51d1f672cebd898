import { queryOptions } from "@tanstack/react-query";
import { client } from "../../api/client";
import { readAll } from "../../api/paging";

const MOST = 2_000;

/** The names of the stored secrets, for a field that takes one. */
export const secretNamesQuery = queryOptions({
  queryKey: ["get", "/api/v1/secrets", "suggestions"],
  queryFn: async () => {
    const secrets = await readAll(MOST, async (query) => (await client.GET("/api/v1/secrets", query)).data);
    return secrets.map(({ name }) => name);
  },
  staleTime: 60_000,
});
