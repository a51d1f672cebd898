import { Table } from "@mantine/core";
import { Fragment, type ReactNode } from "react";
import { ListFrame, type ListFrameProps } from "./ListFrame";
import classes from "./ListTable.module.css";

export interface Column<Item> {
  /** Names it in the head, and keeps it among the others. */
  label: string;
  /** Not shown on a phone. */
  isSide?: boolean;
  cell: (item: Item) => ReactNode;
}

interface ListTableProps<Item> extends ListFrameProps<Item> {
  caption: string;
  columns: readonly Column<Item>[];
  keyOf: (item: Item) => string;
  /** On a phone a row is told in lines and without a head: what it is, and below that the rest, which has to speak for itself. */
  isInLines?: boolean;
  /** What is unfolded below an item, if anything is. */
  below?: (item: Item) => ReactNode;
}

/** Links are read on it, too, which they are not on the lighter one that Mantine takes in the dark. */
const HOVER = "light-dark(var(--mantine-color-gray-1), var(--mantine-color-dark-6))";

/** A list as a table: rows stay while others are read, and what is missing is said. */
export function ListTable<Item>(props: ListTableProps<Item>) {
  const { caption, columns, keyOf, isInLines = false, below, ...list } = props;
  return (
    <ListFrame {...list}>
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
            {list.items.map((item) => {
              const unfolded = below?.(item) ?? null;
              return (
                <Fragment key={keyOf(item)}>
                  <Table.Tr>
                    {columns.map(({ label, isSide, cell }) => (
                      <Table.Td key={label} visibleFrom={isSide === true ? "sm" : undefined}>
                        {cell(item)}
                      </Table.Td>
                    ))}
                  </Table.Tr>
                  {unfolded === null ? null : (
                    <Table.Tr>
                      <Table.Td colSpan={columns.length}>{unfolded}</Table.Td>
                    </Table.Tr>
                  )}
                </Fragment>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </ListFrame>
  );
}
