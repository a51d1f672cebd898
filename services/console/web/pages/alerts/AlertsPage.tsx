import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { itemsOf } from "../../api/paging";
import { alertsQuery } from "../../nouns/alert/queries";
import { EmptyState } from "../../ui/EmptyState";
import { ListTable } from "../../ui/ListTable";
import { Page } from "../../ui/Page";
import { AlertFiltersForm } from "./AlertFiltersForm";
import { columns } from "./columns";
import { NoAlerts } from "./NoAlerts";

const route = getRouteApi("/signed-in/alerts");

const LOOK_EVERY = 10_000;

/** What monitoring systems reported, the newest first, and what came of it. */
export function AlertsPage() {
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery({
    ...alertsQuery(filters),
    // Whoever has gone on to older ones reads these, and not what comes.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : LOOK_EVERY),
  });
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return (
    <Page title="Alerts" about="What monitoring systems reported, what the alert rules decided, and the runs it led to">
      <AlertFiltersForm filters={filters} onChange={(search) => void navigate({ search, replace: true })} />
      <ListTable
        caption="Alerts"
        columns={columns}
        items={itemsOf(list.data)}
        keyOf={({ id }) => id}
        isPending={list.isPending}
        error={list.error}
        onRetry={() => void list.refetch()}
        hasMore={list.hasNextPage}
        isReadingMore={list.isFetchingNextPage}
        onMore={() => void list.fetchNextPage()}
        empty={
          isFiltered ? (
            <EmptyState title="No alert is like that.">
              <Button variant="default" onClick={() => void navigate({ search: {} })}>
                Clear the filters
              </Button>
            </EmptyState>
          ) : (
            <NoAlerts />
          )
        }
      />
    </Page>
  );
}
