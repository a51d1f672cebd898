import { Button, MultiSelect, Select, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { ListFilter, X } from "lucide-react";
import type { RunFilters } from "../../nouns/run/queries";
import { lookOf, RUN_STATES } from "../../nouns/run/states";
import { DayField } from "../../ui/DayField";
import { endOf, startOf } from "../../ui/days";
import { FilterRow } from "../../ui/FilterRow";
import { FilterText } from "../../ui/FilterText";

interface RunFiltersFormProps {
  filters: RunFilters;
  onChange: (filters: RunFilters) => void;
}

const STATES = RUN_STATES.map((state) => ({ value: state, label: lookOf(state).label }));
const TRIGGERS = [
  { value: "manual", label: "by hand" },
  { value: "api", label: "over the API" },
  { value: "schedule", label: "by a schedule" },
  { value: "alert", label: "by an alert" },
] satisfies { value: NonNullable<RunFilters["trigger"]>; label: string }[];

/** What of the history is shown; all of it stands in the address. */
export function RunFiltersForm({ filters, onChange }: RunFiltersFormProps) {
  const set = (changed: RunFilters) => onChange({ ...filters, ...changed });
  const [isOpen, { toggle }] = useDisclosure();
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return (
    <Stack gap="xs" role="search" aria-label="Filter the history">
      <Button
        hiddenFrom="sm"
        variant="default"
        aria-expanded={isOpen}
        leftSection={<ListFilter size={15} aria-hidden />}
        onClick={toggle}
      >
        {isFiltered ? "Filters are set" : "Filters"}
      </Button>
      <FilterRow visibleFrom={isOpen ? undefined : "sm"}>
        <FilterText label="Action" value={filters.action} onChange={(action) => set({ action })} />
        <FilterText label="Provider" value={filters.provider} onChange={(provider) => set({ provider })} />
        <FilterText label="Words" value={filters.text} onChange={(text) => set({ text })} />
        <MultiSelect
          label="State"
          placeholder={filters.state === undefined ? "any" : ""}
          data={STATES}
          value={filters.state ?? []}
          onChange={(chosen) => {
            const state = STATES.map(({ value }) => value).filter((value) => chosen.includes(value));
            set({ state: state.length === 0 ? undefined : state });
          }}
          clearable
          miw={150}
        />
        <Select
          label="Asked for"
          placeholder="in any way"
          data={TRIGGERS}
          value={filters.trigger ?? null}
          onChange={(trigger) => set({ trigger: TRIGGERS.find(({ value }) => value === trigger)?.value })}
          clearable
          w={150}
        />
        <FilterText label="By" value={filters.by} onChange={(by) => set({ by })} />
        <DayField label="From" value={filters.since} onChange={(day) => set({ since: day && startOf(day) })} />
        <DayField label="Until" value={filters.until} onChange={(day) => set({ until: day && endOf(day) })} />
        {isFiltered ? (
          <Button variant="subtle" leftSection={<X size={15} aria-hidden />} onClick={() => onChange({})}>
            Clear
          </Button>
        ) : null}
      </FilterRow>
    </Stack>
  );
}
