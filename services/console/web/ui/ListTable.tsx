import { Button, Center, Skeleton, Stack, Table } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./ListTable.module.css";
import { ProblemAlert } from "./ProblemAlert";

export interface Column<Item> {
  /** Names it in the head, and keeps it among the others. */
  label: string;
  /** Not shown on a phone. */
  isSide?: boolean;
  cell: (item: Item) => ReactNode;
}

interface ListTableProps<Item> {
  caption: string;
  columns: readonly Column<Item>[];
  items: readonly Item[];
  keyOf: (item: Item) => string;
  /** On a phone a row is told in lines and without a head: what it is, and below that the rest, which has to speak for itself. */
  isInLines?: boolean;
  /** Shown where there is nothing: nothing yet, or nothing that the filters leave. */
  empty: ReactNode;
  isPending: boolean;
  error: unknown;
  onRetry: () => void;
  /** Where there is more to read. */
  more?: { isReading: boolean; onRead: () => void } | undefined;
}

/** Links are read on it, too, which they are not on the lighter one that Mantine takes in the dark. */
const HOVER = "light-dark(var(--mantine-color-gray-1), var(--mantine-color-dark-6))";

/** A list as a table: rows stay while others are read, and what is missing is said. */
export function ListTable<Item>(props: ListTableProps<Item>) {
  const { caption, columns, items, keyOf, isInLines = false, empty, isPending, error, onRetry, more } = props;
  return (
    <Stack gap="sm">
      {error === null ? null : <ProblemAlert error={error} onRetry={onRetry} />}
      {isPending ? <Skeleton height={220} role="status" aria-label="The list is being loaded" /> : null}
      {items.length > 0 ? (
        <Table.ScrollContainer minWidth={320} type="native">
          <Table
            className={isInLines ? classes.lines : undefined}
            verticalSpacing="xs"
            highlightOnHover
            highlightOnHoverColor={HOVER}
            aria-label={caption}
          >
            <Table.Thead>
              <Table.Tr>
                {columns.map(({ label, isSide }) => (
                  <Table.Th key={label} visibleFrom={isSide === true ? "sm" : undefined}>
                    {label}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((item) => (
                <Table.Tr key={keyOf(item)}>
                  {columns.map(({ label, isSide, cell }) => (
                    <Table.Td key={label} visibleFrom={isSide === true ? "sm" : undefined}>
                      {cell(item)}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      ) : null}
      {items.length === 0 && !isPending && error === null ? empty : null}
      {more === undefined ? null : (
        <Center>
          <Button variant="default" loading={more.isReading} onClick={more.onRead}>
            Show more
          </Button>
        </Center>
      )}
    </Stack>
  );
}
