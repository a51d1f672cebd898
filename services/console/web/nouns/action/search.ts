import { api } from "../../api/client";

const MOST = 8;

/** The first actions with these words. */
export function searchQuery(text: string) {
  return api.queryOptions("get", "/api/v1/actions", { params: { query: { text, limit: MOST } } });
}
