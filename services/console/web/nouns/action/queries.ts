import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { api, client, type Schemas } from "../../api/client";
import { type PageOf, pagedQuery } from "../../api/paging";
import type { ActionFilters } from "./filters";

export type Action = Schemas["Action"];
export type LastRun = Schemas["LastRun"];

/** What lists show of an action: of ten thousand of them nobody wants the commands. */
export type ListedAction = Pick<
  Action,
  | "name"
  | "title"
  | "description"
  | "category"
  | "tags"
  | "confirm"
  | "favourite"
  | "running"
  | "last_run"
  | "usual_duration"
  | "success_rate"
>;

/** How many of an infinite list are asked for at a time. */
const PAGE = 100;

const ALL_ACTIONS = ["get", "/api/v1/actions"] as const;
/** Every list of actions that is read page by page; the last part of each key is its filters. */
export const ACTION_PAGES = [...ALL_ACTIONS, "pages"] as const;

export function actionsQuery(filters: ActionFilters) {
  return pagedQuery([...ACTION_PAGES, filters], async (cursor): Promise<PageOf<ListedAction>> => {
    const { data } = await client.GET("/api/v1/actions", { params: { query: { ...filters, limit: PAGE, cursor } } });
    return { items: (data?.items ?? []).map(listed), next: data?.next ?? null };
  });
}

export function actionQuery(name: string) {
  return api.queryOptions("get", "/api/v1/actions/{name}", { params: { path: { name } } });
}

export const categoriesQuery = api.queryOptions("get", "/api/v1/categories");

/** What a person calls an action. */
export function titleOf(action: Pick<Action, "name" | "title">): string {
  return action.title || action.name;
}

/** Change what is known of an action, in every list that shows it and where it stands by itself. */
export function patchAction(queries: QueryClient, name: string, change: Partial<ListedAction>): void {
  queries.setQueriesData<{ pages: PageOf<ListedAction>[]; pageParams: unknown[] }>(
    { queryKey: ACTION_PAGES },
    (list) =>
      list === undefined ? list : { ...list, pages: list.pages.map((page) => patchedPage(page, name, change)) },
  );
  queries.setQueryData<Action>(actionQuery(name).queryKey, (action) => action && { ...action, ...change });
}

/** What has to be read anew once there is another action, or one is another. */
export function useActionsChanged() {
  const queries = useQueryClient();
  return () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ALL_ACTIONS }),
      queries.invalidateQueries({ queryKey: categoriesQuery.queryKey }),
    ]);
}

/** Read an action anew, for it alone: a list of many pages would be read again whole. */
export function useReadAnew() {
  const queries = useQueryClient();
  return useCallback(
    async (name: string) => {
      const { data: action } = await client.GET("/api/v1/actions/{name}", { params: { path: { name } } });
      if (action !== undefined) {
        queries.setQueryData(actionQuery(name).queryKey, action);
        patchAction(queries, name, listed(action));
      }
      return action;
    },
    [queries],
  );
}

function patchedPage(page: PageOf<ListedAction>, name: string, change: Partial<ListedAction>): PageOf<ListedAction> {
  const index = page.items.findIndex((action) => action.name === name);
  const found = page.items[index];
  return found === undefined ? page : { ...page, items: page.items.with(index, { ...found, ...change }) };
}

function listed(action: Action): ListedAction {
  const { name, title, description, category, tags, confirm, favourite } = action;
  const { running, last_run, usual_duration, success_rate } = action;
  return {
    name,
    title,
    description,
    category,
    tags,
    confirm,
    favourite,
    running,
    last_run,
    usual_duration,
    success_rate,
  };
}
