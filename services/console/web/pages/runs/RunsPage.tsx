import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { listOf } from "../../api/paging";
import { runsQuery } from "../../nouns/run/queries";
import { EmptyState } from "../../ui/EmptyState";
import { ListTable } from "../../ui/ListTable";
import { ButtonLink } from "../../ui/links";
import { Page } from "../../ui/Page";
import { useRememberedSet } from "../../ui/useRememberedSet";
import { ColumnsMenu } from "./ColumnsMenu";
import { columnsOf, FIRST, LABELS } from "./columns";
import { ExportMenu } from "./ExportMenu";
import { NewRuns } from "./NewRuns";
import { RunFiltersForm } from "./RunFiltersForm";

const route = getRouteApi("/signed-in/runs");

/** The execution history: every run, the newest first, by the filters that its address has. */
export function RunsPage() {
  const filters = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(runsQuery(filters));
  const reading = listOf(list);
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
      <NewRuns filters={filters} newest={reading.items[0]?.id} isLoaded={list.isSuccess} />
      <ListTable
        caption="Runs"
        columns={columnsOf(shown)}
        {...reading}
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
