import { Button, Select } from "@mantine/core";
import { X } from "lucide-react";
import type { AuditFilters } from "../../nouns/audit/queries";
import { AUDITED } from "../../nouns/audit/sentences";
import { DayField } from "../../ui/DayField";
import { endOf, startOf } from "../../ui/days";
import { FilterRow } from "../../ui/FilterRow";
import { FilterText } from "../../ui/FilterText";

interface AuditFiltersFormProps {
  filters: AuditFilters;
  onChange: (filters: AuditFilters) => void;
}

/** What of the audit is shown; all of it stands in the address. */
export function AuditFiltersForm({ filters, onChange }: AuditFiltersFormProps) {
  const set = (changed: AuditFilters) => onChange({ ...filters, ...changed });
  const { principal, kind, name, since, until } = filters;
  // One that somebody wrote in the address, such as run.cancel, is shown as it is.
  const isOffered = kind === undefined || AUDITED.some(({ value }) => value === kind);
  return (
    <FilterRow role="search" aria-label="Filter the audit">
      <FilterText label="Who" value={principal} onChange={(text) => set({ principal: text })} />
      <Select
        label="What was done to"
        placeholder="anything"
        data={isOffered ? AUDITED : [...AUDITED, { value: kind, label: kind }]}
        value={kind ?? null}
        onChange={(chosen) => set({ kind: chosen ?? undefined })}
        clearable
        w={180}
      />
      <FilterText label="Name" value={name} onChange={(text) => set({ name: text })} />
      <DayField label="From" value={since} onChange={(day) => set({ since: day && startOf(day) })} />
      <DayField label="Until" value={until} onChange={(day) => set({ until: day && endOf(day) })} />
      {Object.values(filters).some((value) => value !== undefined) ? (
        <Button variant="subtle" leftSection={<X size={15} aria-hidden />} onClick={() => onChange({})}>
          Clear
        </Button>
      ) : null}
    </FilterRow>
  );
}
