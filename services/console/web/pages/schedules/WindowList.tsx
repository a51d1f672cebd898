import { Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { listOf } from "../../api/paging";
import { atText } from "../../nouns/schedule/atText";
import { type MaintenanceWindow, windowsQuery } from "../../nouns/schedule/queries";
import { type Column, ListTable } from "../../ui/ListTable";
import { TextLink } from "../../ui/links";
import { RelativeTime } from "../../ui/RelativeTime";
import { durationText } from "../../ui/time";
import { NoDefinitions } from "./NoDefinitions";

const EXAMPLE = `kind: maintenance_window
name: backup
at: {daily: "22:00"}
duration: 2h
time_zone: Europe/Berlin`;

const COLUMNS: Column<MaintenanceWindow>[] = [
  {
    label: "Window",
    cell: (window) => (
      <>
        <TextLink
          to="/maintenance-windows/$name"
          params={{ name: window.name }}
          fw={600}
          style={{ overflowWrap: "anywhere" }}
        >
          {window.name}
        </TextLink>
        <Text size="xs" c="dimmed">
          {window.description}
        </Text>
      </>
    ),
  },
  {
    label: "When",
    cell: (window) => (
      <>
        <When window={window} />
        {window.enabled ? null : (
          <Text size="xs" hiddenFrom="sm">
            not enabled
          </Text>
        )}
      </>
    ),
  },
  { label: "Holds", isSide: true, cell: ({ holds }) => holds.join(", ") },
  { label: "For", isSide: true, cell: forText },
  { label: "Enabled", isSide: true, cell: ({ enabled }) => (enabled ? "yes" : "no") },
];

/** The times in which nothing runs by itself. */
export function WindowList() {
  const list = useInfiniteQuery(windowsQuery);
  return (
    <ListTable
      caption="Maintenance windows"
      columns={COLUMNS}
      {...listOf(list)}
      keyOf={(window) => window.name}
      empty={
        <NoDefinitions
          title="There is no maintenance window yet."
          way={
            <TextLink to="/maintenance-windows/+new" underline="always">
              Make one here
            </TextLink>
          }
          file="backup.yaml"
          example={EXAMPLE}
        />
      }
    />
  );
}

function When({ window }: { window: MaintenanceWindow }) {
  const { from, until, at, duration } = window;
  if (from != null && until != null) {
    return (
      <Text size="sm">
        <RelativeTime at={from} /> until <RelativeTime at={until} />
      </Text>
    );
  }
  return (
    <Text size="sm">
      {at == null ? "" : atText(at)} for {durationText(Number(duration ?? 0))}{" "}
      <Text span c="dimmed" size="xs">
        {window.time_zone}
      </Text>
    </Text>
  );
}

function forText({ applies_to: { actions = [], categories = [], tags = [] } }: MaintenanceWindow): string {
  const named = [...categories, ...tags.map((tag) => `#${tag}`), ...actions];
  return named.length === 0 ? "every action" : named.join(", ");
}
