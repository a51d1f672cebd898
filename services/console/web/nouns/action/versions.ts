import { client, type Schemas } from "../../api/client";
import { type PageOf, pagedQuery } from "../../api/paging";

export type Version = Schemas["Version"];

const PAGE = 20;

/** Every version of an action, the newest first. */
export function versionsQuery(name: string) {
  return pagedQuery(["get", "/api/v1/actions/{name}/versions", name], async (cursor): Promise<PageOf<Version>> => {
    const { data } = await client.GET("/api/v1/actions/{name}/versions", {
      params: { path: { name }, query: { limit: PAGE, cursor } },
    });
    return data ?? { items: [], next: null };
  });
}
