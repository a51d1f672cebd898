import { Code, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { Schemas } from "../../api/client";
import { listOf } from "../../api/paging";
import { groupsQuery } from "../../nouns/provider/queries";
import { EmptyState } from "../../ui/EmptyState";
import { type Column, ListTable } from "../../ui/ListTable";
import { TextLink } from "../../ui/links";
import { inNaturalOrder } from "../../ui/natural";

const MOST_NAMED = 30;

const COLUMNS: Column<Schemas["ProviderGroup"]>[] = [
  {
    label: "Group",
    cell: (group) => (
      <>
        <Text fw={600}>{group.name}</Text>
        <Text size="xs" c="dimmed">
          {group.description}
        </Text>
      </>
    ),
  },
  {
    label: "Its providers",
    cell: ({ providers }) => (
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {inNaturalOrder(providers, (name) => name)
          .slice(0, MOST_NAMED)
          .map((name, at) => (
            <span key={name}>
              {at === 0 ? "" : ", "}
              <TextLink to="/providers/$name" params={{ name }} size="sm">
                {name}
              </TextLink>
            </span>
          ))}
        {providers.length > MOST_NAMED ? ` and ${providers.length - MOST_NAMED} more` : ""}
      </Text>
    ),
  },
  { label: "Groups in it", isSide: true, cell: ({ groups }) => groups.join(", ") },
];

/** The groups that steps can name, with whom they hold. */
export function GroupList() {
  const list = useInfiniteQuery(groupsQuery);
  return (
    <ListTable
      caption="Groups"
      columns={COLUMNS}
      {...listOf(list)}
      keyOf={(group) => group.name}
      empty={
        <EmptyState title="There is no group yet.">
          <Text size="sm">
            Groups come with an inventory (<Code>opsimate import ansible-inventory</Code>), or from a file (
            <Code>opsimate apply</Code>).
          </Text>
        </EmptyState>
      }
    />
  );
}
