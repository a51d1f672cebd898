import { Button, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { listOf } from "../../api/paging";
import { type AuditEntry, type AuditFilters, auditQuery } from "../../nouns/audit/queries";
import { doneText, versionsOf } from "../../nouns/audit/sentences";
import { EmptyState } from "../../ui/EmptyState";
import { type Column, ListTable } from "../../ui/ListTable";
import { RelativeTime } from "../../ui/RelativeTime";
import { UnfoldButton } from "../../ui/UnfoldButton";
import { AuditEntryDetails } from "./AuditEntryDetails";
import { AuditFiltersForm } from "./AuditFiltersForm";
import { ChainCheck } from "./ChainCheck";

interface AuditListProps {
  filters: AuditFilters;
  onChange: (filters: AuditFilters) => void;
}

/** Who did what, when and from where; whether that still stands as it was written. */
export function AuditList({ filters, onChange }: AuditListProps) {
  const list = useInfiniteQuery(auditQuery(filters));
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const toggle = (number: number) =>
    setOpen((known) =>
      known.has(number) ? new Set([...known].filter((one) => one !== number)) : new Set([...known, number]),
    );
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  return (
    <Stack gap="md">
      <ChainCheck />
      <AuditFiltersForm filters={filters} onChange={onChange} />
      <ListTable
        caption="Audit"
        columns={columnsOf(open, toggle)}
        {...listOf(list)}
        keyOf={({ id }) => id}
        isInLines
        below={(entry) => (open.has(entry.number) ? <AuditEntryDetails entry={entry} /> : null)}
        empty={
          isFiltered ? (
            <EmptyState title="No entry is like that.">
              <Button variant="default" onClick={() => onChange({})}>
                Clear the filters
              </Button>
            </EmptyState>
          ) : (
            <EmptyState title="There is no entry yet." />
          )
        }
      />
    </Stack>
  );
}

function columnsOf(open: ReadonlySet<number>, toggle: (number: number) => void): Column<AuditEntry>[] {
  return [
    {
      label: "Who did what",
      cell: (entry) => (
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          <b>{entry.by}</b> {doneText(entry)} <b>{entry.name}</b>
          {versionText(entry)}
        </Text>
      ),
    },
    { label: "When", cell: ({ at }) => <RelativeTime at={at} /> },
    {
      label: "Why",
      cell: ({ note }) =>
        note === "" ? null : (
          <Text size="sm" lineClamp={3} style={{ overflowWrap: "anywhere" }}>
            {note}
          </Text>
        ),
    },
    {
      label: "More",
      cell: ({ number }) => (
        <UnfoldButton isOpen={open.has(number)} onToggle={() => toggle(number)}>
          Entry {number}
        </UnfoldButton>
      ),
    },
  ];
}

function versionText(entry: AuditEntry): string {
  const versions = versionsOf(entry);
  return versions === null ? "" : `, version ${versions.version}`;
}
