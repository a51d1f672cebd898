import { Button } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { listOf } from "../../api/paging";
import { newestRunsQuery, runsQuery } from "../../nouns/run/queries";
import { EmptyState } from "../../ui/EmptyState";
import { ListTable } from "../../ui/ListTable";
import { ButtonLink } from "../../ui/links";
import { Page } from "../../ui/Page";
import { useRememberedSet } from "../../ui/useRememberedSet";
import { ColumnsMenu } from "./ColumnsMenu";
import { columnsOf, FIRST, LABELS } from "./columns";
import { ExportMenu } from "./ExportMenu";
import { NewRuns } from "./NewRuns";
import { asOfNow, newerThan } from "./news";
import { RunFiltersForm } from "./RunFiltersForm";

const LOOK_EVERY = 5_000;
const MOST_NEW = 50;

const route = getRouteApi("/signed-in/runs");

/** The execution history: every run, the newest first, by the filters that its address has. */
export function RunsPage() {
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  // Whoever comes back to the window finds the list as they left it, too.
  const list = useInfiniteQuery({ ...runsQuery(filters), refetchOnWindowFocus: false, refetchOnReconnect: false });
  const read = listOf(list);
  const newest = useQuery({
    ...newestRunsQuery(filters, MOST_NEW),
    refetchInterval: LOOK_EVERY,
    enabled: list.isSuccess,
  });
  const news = newest.data?.items ?? [];
  const [shown, choose] = useRememberedSet("history-columns", LABELS, FIRST);
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return (
    <Page
      title="Execution history"
      about="Every run of every action, the newest first"
      actions={
        <>
          <ColumnsMenu labels={LABELS} shown={shown} onChange={choose} />
          <ExportMenu filters={filters} />
        </>
      }
    >
      <RunFiltersForm filters={filters} onChange={(search) => void navigate({ search, replace: true })} />
      <NewRuns filters={filters} count={list.isSuccess ? newerThan(read.items[0], news).length : 0} most={MOST_NEW} />
      <ListTable
        caption="Runs"
        columns={columnsOf(shown)}
        {...read}
        items={asOfNow(read.items, news)}
        keyOf={(run) => run.id}
        isInLines
        empty={
          isFiltered ? (
            <EmptyState title="No run is like that.">
              <Button variant="default" onClick={() => void navigate({ search: {} })}>
                Clear the filters
              </Button>
            </EmptyState>
          ) : (
            <EmptyState title="Nothing has run yet.">
              <ButtonLink to="/actions">Choose an action to run</ButtonLink>
            </EmptyState>
          )
        }
      />
    </Page>
  );
}
