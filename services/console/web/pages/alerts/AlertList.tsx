import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { atItsBeginning, listOf } from "../../api/paging";
import { type AlertFilters, alertsQuery } from "../../nouns/alert/queries";
import { EmptyState } from "../../ui/EmptyState";
import { ListTable } from "../../ui/ListTable";
import { AlertFiltersForm } from "./AlertFiltersForm";
import { columns } from "./columns";
import { NoAlerts } from "./NoAlerts";

interface AlertListProps {
  filters: AlertFilters;
  onChange: (filters: AlertFilters) => void;
}

const LOOK_EVERY = 10_000;

/** The alerts, the newest first, by filters. */
export function AlertList({ filters, onChange }: AlertListProps) {
  const list = useInfiniteQuery({ ...alertsQuery(filters), ...atItsBeginning(LOOK_EVERY) });
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return (
    <>
      <AlertFiltersForm filters={filters} onChange={onChange} />
      <ListTable
        caption="Alerts"
        columns={columns}
        {...listOf(list)}
        keyOf={({ id }) => id}
        isInLines
        empty={
          isFiltered ? (
            <EmptyState title="No alert is like that.">
              <Button variant="default" onClick={() => onChange({})}>
                Clear the filters
              </Button>
            </EmptyState>
          ) : (
            <NoAlerts />
          )
        }
      />
    </>
  );
}
