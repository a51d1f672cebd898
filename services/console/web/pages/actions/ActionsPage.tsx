import { Text } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { LayoutTemplate } from "lucide-react";
import { useCallback, useMemo } from "react";
import { itemsOf } from "../../api/paging";
import { ActionTabs } from "../../nouns/action/ActionTabs";
import type { ActionFilters } from "../../nouns/action/filters";
import { actionsQuery } from "../../nouns/action/queries";
import { useLiveActions } from "../../nouns/action/useLiveActions";
import { useRefusal } from "../../nouns/session/can";
import { ButtonLink } from "../../ui/links";
import { Page } from "../../ui/Page";
import { ProblemAlert } from "../../ui/ProblemAlert";
import { Reading } from "../../ui/Reading";
import { useRemembered } from "../../ui/useRemembered";
import { ActionCards } from "./ActionCards";
import { ActionFiltersForm } from "./ActionFiltersForm";
import { ActionTable } from "./ActionTable";
import { NewActionButton } from "./NewActionButton";
import { NoActions } from "./NoActions";

const route = getRouteApi("/signed-in/actions");

/** Every action, by the filters that its address has, as cards or as a table. */
export function ActionsPage() {
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const [view, setView] = useRemembered("actions-view", ["cards", "table"]);
  const refusal = useRefusal("runs.write");
  const list = useInfiniteQuery({ ...actionsQuery(filters), placeholderData: keepPreviousData });
  const actions = useMemo(() => itemsOf(list.data), [list.data]);
  const live = useLiveActions(actions);
  const { fetchNextPage, hasNextPage, isFetchingNextPage, isError } = list;
  const readMore = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const show = (search: ActionFilters) => void navigate({ search, replace: true, resetScroll: false });
  const List = view === "cards" ? ActionCards : ActionTable;
  return (
    <Page
      title="Actions"
      about="What your team can run: by hand, at a time, or when an alert fires"
      actions={
        <>
          <ButtonLink
            to="/templates"
            variant="default"
            leftSection={<LayoutTemplate size={16} aria-hidden />}
            visibleFrom="sm"
          >
            Use a template
          </ButtonLink>
          <NewActionButton />
        </>
      }
    >
      <ActionTabs shown={filters.favourite === true ? "favourites" : "all"} />
      <ActionFiltersForm filters={filters} onChange={show} view={view} onView={setView} />
      <Text role="status" size="sm" c="dimmed" aria-live="polite">
        {countText(actions.length, hasNextPage, list.isPending)}
      </Text>
      {list.isPending ? <Reading label="Actions are being read" /> : null}
      <List
        actions={actions}
        live={live}
        filters={filters}
        refusal={refusal}
        isOld={list.isPlaceholderData}
        onNearEnd={hasNextPage && !isFetchingNextPage && !isError ? readMore : null}
      />
      {isFetchingNextPage ? <Reading label="Actions are being read" /> : null}
      {list.error === null ? null : (
        <ProblemAlert
          error={list.error}
          onRetry={() => void (list.isFetchNextPageError ? readMore() : list.refetch())}
        />
      )}
      {actions.length === 0 && list.isSuccess && !hasNextPage ? <NoActions filters={filters} onShow={show} /> : null}
    </Page>
  );
}

function countText(count: number, hasMore: boolean, isPending: boolean): string {
  if (isPending || (count === 0 && !hasMore)) {
    return "";
  }
  return hasMore ? `The first ${count}` : count === 1 ? "1 action" : `${count} actions`;
}
