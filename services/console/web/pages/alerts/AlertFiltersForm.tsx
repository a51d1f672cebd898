import { Button, Checkbox, Select } from "@mantine/core";
import { X } from "lucide-react";
import { statusLook } from "../../nouns/alert/looks";
import type { AlertFilters } from "../../nouns/alert/queries";
import { ALERT_SOURCES, sourceText } from "../../nouns/alert/sources";
import { ALERT_STATUSES } from "../../nouns/alert/statuses";
import { FilterRow } from "../../ui/FilterRow";

interface AlertFiltersFormProps {
  filters: AlertFilters;
  onChange: (filters: AlertFilters) => void;
}

const STATUSES = ALERT_STATUSES.map((status) => ({ value: status, label: statusLook(status).label }));
const SOURCES = ALERT_SOURCES.map((source) => ({ value: source, label: sourceText(source) }));

/** Which alerts are shown; all of it stands in the address. */
export function AlertFiltersForm({ filters, onChange }: AlertFiltersFormProps) {
  const set = (changed: AlertFilters) => onChange({ ...filters, ...changed });
  return (
    <FilterRow role="search" aria-label="Filter the alerts">
      <Select
        label="Status"
        placeholder="any"
        data={STATUSES}
        value={filters.status ?? null}
        onChange={(status) => set({ status: ALERT_STATUSES.find((each) => each === status) })}
        clearable
        w={150}
      />
      <Select
        label="Source"
        placeholder="any"
        data={SOURCES}
        value={filters.source ?? null}
        onChange={(source) => set({ source: ALERT_SOURCES.find((each) => each === source) })}
        clearable
        w={150}
      />
      <Checkbox
        label="Fires, and was not heard of for six hours"
        checked={filters.stale === true}
        onChange={(event) => set({ stale: event.currentTarget.checked || undefined })}
        mb={8}
      />
      {filters.fingerprint === undefined ? null : (
        <Button
          variant="light"
          rightSection={<X size={15} aria-hidden />}
          onClick={() => set({ fingerprint: undefined })}
          maw="100%"
        >
          Only {filters.fingerprint}
        </Button>
      )}
    </FilterRow>
  );
}
