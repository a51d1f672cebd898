import { Badge, Button, Group, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { listOf } from "../../api/paging";
import { addressOf } from "../../nouns/provider/address";
import { type Provider, providersQuery } from "../../nouns/provider/queries";
import { EmptyState } from "../../ui/EmptyState";
import { type Column, ListTable } from "../../ui/ListTable";
import { ButtonLink, TextLink } from "../../ui/links";
import { inNaturalOrder } from "../../ui/natural";
import { SearchText } from "../../ui/SearchText";
import { matches } from "./matches";
import { TestButton } from "./TestButton";

interface ProviderListProps {
  text: string | undefined;
  onText: (text: string | undefined) => void;
}

const COLUMNS: Column<Provider>[] = [
  {
    label: "Provider",
    cell: (provider) => (
      <>
        <TextLink to="/providers/$name" params={{ name: provider.name }} fw={600} style={{ overflowWrap: "anywhere" }}>
          {provider.name}
        </TextLink>
        <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: "anywhere" }}>
          {addressOf(provider)}
        </Text>
      </>
    ),
  },
  { label: "About", isSide: true, cell: (provider) => <Text size="sm">{provider.description}</Text> },
  {
    label: "Labels",
    isSide: true,
    cell: ({ labels }) => (
      <Group gap={4}>
        {Object.entries(labels).map(([name, value]) => (
          <Badge key={name} variant="default" tt="none" fw={500}>
            {name}={value}
          </Badge>
        ))}
      </Group>
    ),
  },
  { label: "Pool", isSide: true, cell: (provider) => provider.pool },
  { label: "Test", cell: (provider) => <TestButton name={provider.name} /> },
];

/** Every machine, found by any word of its name, address, labels and pool. */
export function ProviderList({ text, onText }: ProviderListProps) {
  const list = useInfiniteQuery(providersQuery);
  const reading = listOf(list);
  const providers = reading.items;
  const { hasNextPage, isFetching, fetchNextPage } = list;
  // The pages of the API go by the letters of the names: in another order what is read next would not stand at the end.
  const inOrder = hasNextPage ? providers : inNaturalOrder(providers, ({ name }) => name);
  const shown = text === undefined ? inOrder : inOrder.filter((provider) => matches(provider, text));
  // The API has no search for providers: what is looked for may be on any page.
  useEffect(() => {
    if (text !== undefined && hasNextPage && !isFetching) {
      void fetchNextPage();
    }
  }, [text, hasNextPage, isFetching, fetchNextPage]);
  return (
    <>
      <search aria-label="Find a provider">
        <SearchText label="Find a provider" value={text} onChange={onText} />
      </search>
      <ListTable
        caption="Providers"
        columns={COLUMNS}
        {...reading}
        items={shown}
        more={text === undefined ? reading.more : undefined}
        keyOf={(provider) => provider.name}
        empty={
          text === undefined ? (
            <EmptyState title="There is no provider yet.">
              <Text size="sm">
                Add the first machine, or take many from an Ansible inventory or an SSH configuration.
              </Text>
              <ButtonLink to="/providers/+new">Add a provider</ButtonLink>
              <ButtonLink to="/providers/+import" variant="default">
                Import
              </ButtonLink>
            </EmptyState>
          ) : hasNextPage ? null : (
            <EmptyState title="No provider is like that.">
              <Button variant="default" onClick={() => onText(undefined)}>
                Show all
              </Button>
            </EmptyState>
          )
        }
      />
    </>
  );
}
